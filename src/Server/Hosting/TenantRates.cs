namespace ControlPlane.Server.Hosting;

/// <summary>
/// Lets each tenant ask so often: a bucket per tenant fills with the rate, a decision takes a token out. Their number
/// is bounded; a full bucket says nothing and is dropped when another is needed.
/// </summary>
/// <param name="perSecond">Decisions that one tenant may ask for in a second; null for as many as it likes.</param>
/// <param name="clock">Measures the time between requests.</param>
internal sealed class TenantRates(int? perSecond, TimeProvider clock)
{
    public const int MostBuckets = 10_000;

    /// <summary>A batch of full size fits into a full bucket, however low the rate.</summary>
    private const int LeastBurst = Placements.RequestLimits.MostRequestsInBatch;

    private readonly Lock sync = new();
    private readonly Dictionary<string, Bucket> buckets = new(StringComparer.Ordinal);

    /// <summary>Whether there is a rate at all.</summary>
    public bool AreLimited => perSecond is not null;

    public int Count
    {
        get
        {
            lock (sync) return buckets.Count;
        }
    }

    private double Burst => Math.Max(LeastBurst, 2.0 * perSecond!.Value);

    /// <summary>Takes tokens; when there are too few, takes none and says how long to wait.</summary>
    public TimeSpan? Take(string tenant, int tokens)
    {
        if (perSecond is not { } rate) return null;
        var now = clock.GetTimestamp();
        lock (sync)
        {
            if (!buckets.TryGetValue(tenant, out var bucket))
            {
                if (buckets.Count >= MostBuckets) Drop(rate, now);
                buckets.Add(tenant, bucket = new Bucket(Burst, now));
            }

            bucket.Fill(clock.GetElapsedTime(bucket.At, now), rate, Burst, now);
            if (bucket.Tokens >= tokens)
            {
                bucket.Tokens -= tokens;
                return null;
            }

            return TimeSpan.FromSeconds((tokens - bucket.Tokens) / rate);
        }
    }

    /// <summary>How long a tenant has to wait for its next token; null when one is there. Takes none.</summary>
    public TimeSpan? WaitOf(string tenant)
    {
        if (perSecond is not { } rate) return null;
        var now = clock.GetTimestamp();
        lock (sync)
        {
            if (!buckets.TryGetValue(tenant, out var bucket)) return null;
            bucket.Fill(clock.GetElapsedTime(bucket.At, now), rate, Burst, now);
            return bucket.Tokens >= 1 ? null : TimeSpan.FromSeconds((1 - bucket.Tokens) / rate);
        }
    }

    /// <summary>Makes room: full buckets go, and when there are none the one that was used longest ago.</summary>
    private void Drop(int rate, long now)
    {
        foreach (var (tenant, bucket) in buckets)
        {
            var seconds = clock.GetElapsedTime(bucket.At, now).TotalSeconds;
            if (bucket.Tokens + (seconds * rate) >= Burst) buckets.Remove(tenant);
        }

        if (buckets.Count >= MostBuckets) buckets.Remove(buckets.MinBy(item => item.Value.At).Key);
    }

    private sealed class Bucket(double tokens, long at)
    {
        public double Tokens { get; set; } = tokens;

        public long At { get; private set; } = at;

        public void Fill(TimeSpan passed, int rate, double burst, long now)
        {
            Tokens = Math.Min(burst, Tokens + (passed.TotalSeconds * rate));
            At = now;
        }
    }
}
