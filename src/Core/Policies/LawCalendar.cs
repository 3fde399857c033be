using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>What starts or stops to count on a day.</summary>
public enum LawChangeKind
{
    PolicyBegins,
    PolicyEnds,
    WaiverBegins,
    WaiverEnds,
    ClaimBegins,
    ClaimEnds,
    TransferBasisBegins,
    TransferBasisEnds,
    CountBegins,
    CountEnds,
}

/// <summary>Something that counts differently from a day on than on the day before.</summary>
/// <param name="Day">First day on which it is so (UTC).</param>
/// <param name="Kind">What changes.</param>
/// <param name="What">A sentence that names it.</param>
public sealed record LawChange(DateOnly Day, LawChangeKind Kind, string What)
{
    /// <summary>Policy that begins or ends, or whose rules are waived.</summary>
    public PolicyId? Policy { get; init; }

    /// <summary>Region that the claim is about, or that it lies in.</summary>
    public RegionId? Region { get; init; }

    /// <summary>Cluster that the claim is about; null when it is about the whole region.</summary>
    public ClusterId? Cluster { get; init; }
}

/// <summary>
/// The days on which law and the facts that it looks at change; between two of them every verdict stays.
/// </summary>
public sealed class LawCalendar
{
    private readonly Seq<LawChange> changes;

    public LawCalendar(Fleet fleet, PolicySet policies) => changes = Policies(policies)
        .Concat(Waivers(policies))
        .Concat(Claims(fleet))
        .Concat(TransferBases(fleet))
        .Concat(Counts(fleet, policies))
        .OrderBy(change => change.Day).ThenBy(change => change.Kind)
            .ThenBy(change => change.What, StringComparer.Ordinal)
        .ToSeq();

    /// <summary>Changes after the day of one instant, up to that of another, by day.</summary>
    public IEnumerable<IGrouping<DateOnly, LawChange>> Between(DateTimeOffset after, DateTimeOffset until)
    {
        var (first, last) = (DateOnly.FromDateTime(after.UtcDateTime), DateOnly.FromDateTime(until.UtcDateTime));
        return changes.Where(change => change.Day > first && change.Day <= last).GroupBy(change => change.Day);
    }

    /// <summary>Days up to that of an instant on which something changes, newest first.</summary>
    internal IEnumerable<DateOnly> DaysBackFrom(DateTimeOffset asOf)
    {
        var last = DateOnly.FromDateTime(asOf.UtcDateTime);
        return changes.Select(change => change.Day).Where(day => day <= last).Distinct().Reverse();
    }

    /// <summary>What changes on a day.</summary>
    internal IEnumerable<LawChange> On(DateOnly day) => changes.Where(change => change.Day == day);

    private static IEnumerable<LawChange> Policies(PolicySet policies)
    {
        foreach (var policy in policies.Policies.Where(policy => policy.Enforcement != Enforcement.Disabled))
        {
            yield return new(
                policy.ValidFrom, LawChangeKind.PolicyBegins, $"policy {policy.Id} begins") { Policy = policy.Id };
            if (policy.ValidTo is { } last && last < DateOnly.MaxValue)
                yield return new(
                    last.AddDays(1), LawChangeKind.PolicyEnds, $"policy {policy.Id} ends") { Policy = policy.Id };
        }
    }

    private static IEnumerable<LawChange> Waivers(PolicySet policies)
    {
        foreach (var waiver in policies.Waivers)
        {
            yield return new(
                waiver.ValidFrom, LawChangeKind.WaiverBegins, $"waiver {waiver.Id} begins") { Policy = waiver.Policy };
            if (waiver.Expires < DateOnly.MaxValue)
            {
                yield return new(waiver.Expires.AddDays(1), LawChangeKind.WaiverEnds,
                    $"waiver {waiver.Id} of {waiver.Owner} has run out")
                {
                    Policy = waiver.Policy,
                };
            }
        }
    }

    private static IEnumerable<LawChange> Claims(Fleet fleet)
    {
        foreach (var region in fleet.Regions)
        {
            foreach (var change in region.Spec.Claims.SelectMany(claim => Of(claim, region.Id.Value)))
                yield return change with { Region = region.Id };
        }

        foreach (var cluster in fleet.Clusters)
        {
            foreach (var change in cluster.Spec.Claims.SelectMany(claim => Of(claim, cluster.Id.Value)))
                yield return change with { Region = cluster.Region.Id, Cluster = cluster.Id };
        }
    }

    private static IEnumerable<LawChange> Of(Claim claim, string place)
    {
        var what = $"the claim of "
        + $"{claim.Scheme ?? claim.Objective ?? Files.FileShapes.NameOf(claim.Kind.ToString())} for {place}";
        yield return new(claim.ValidFrom, LawChangeKind.ClaimBegins, $"{what} begins");
        if (claim.ValidTo is { } last && last < DateOnly.MaxValue)
            yield return new(last.AddDays(1), LawChangeKind.ClaimEnds, $"{what} has run out");
    }

    /// <summary>Counts of nodes, each for as long as some rule believes it.</summary>
    private static IEnumerable<LawChange> Counts(Fleet fleet, PolicySet policies)
    {
        var believed = policies.Policies.Where(policy => policy.Enforcement != Enforcement.Disabled)
            .SelectMany(policy => policy.Rules).OfType<FreshnessRule>()
            .Select(rule => rule.WithinDays).Distinct().ToList();
        foreach (var pool in believed.Count == 0 ? [] : fleet.Pools.Where(pool => pool.Spec.CountedOn is not null))
        {
            var counted = pool.Spec.CountedOn!.Value;
            var place = new LawChange(counted, LawChangeKind.CountBegins, $"{pool.Id} was counted")
            {
                Region = pool.Region.Id, Cluster = pool.Cluster.Id,
            };
            yield return place;
            foreach (var days in believed)
            {
                if (DateOnly.MaxValue.DayNumber - counted.DayNumber <= days) continue;
                yield return place with
                {
                    Day = counted.AddDays(days + 1), Kind = LawChangeKind.CountEnds,
                    What = $"the count of {pool.Id} is more than {days} days old",
                };
            }
        }
    }

    private static IEnumerable<LawChange> TransferBases(Fleet fleet)
    {
        foreach (var from in fleet.Catalog.Jurisdictions)
        {
            foreach (var basis in from.TransferBases)
            {
                var what = $"the transfer basis {Files.FileShapes.NameOf(basis.Basis.ToString())} from {from.Id} to "
                + $"{basis.To}";
                if (basis.ValidFrom is { } first)
                    yield return new(first, LawChangeKind.TransferBasisBegins, $"{what} begins");
                if (basis.ValidTo is { } last && last < DateOnly.MaxValue)
                    yield return new(last.AddDays(1), LawChangeKind.TransferBasisEnds, $"{what} has ended");
            }
        }
    }
}
