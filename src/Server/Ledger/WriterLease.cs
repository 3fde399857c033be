using System.Diagnostics;
using ControlPlane.Server.Database;
using Dapper;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Names the server that writes by preference, in a row that it renews; the others send writes there, so that servers
/// do not race for the head. Nothing rests on it: a server that is wrong about the writer appends itself, and the
/// compare-and-swap of the head sorts it out. Whether the row has run out is for the database's clock to say.
/// </summary>
internal sealed class WriterLease(PostgresDatabase database, ILogger<WriterLease> log) : IAsyncDisposable
{
    /// <summary>How long a server is the writer after it was last heard of.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long a writer that did not answer is left alone.</summary>
    private static readonly TimeSpan Distrust = TimeSpan.FromSeconds(2);

    private readonly Guid me = Guid.NewGuid();
    private readonly CancellationTokenSource ending = new();
    private Task renewing = Task.CompletedTask;
    private volatile Other? other;
    private long distrustedUntil;

    /// <summary>Where writes should go; null when this server is the writer, or does not know of another.</summary>
    public Uri? Writer
    {
        get
        {
            var now = Stopwatch.GetTimestamp();
            return other is { } writer && now < writer.Until && now >= Volatile.Read(ref distrustedUntil)
                ? writer.Address
                : null;
        }
    }

    /// <summary>Takes part from now on, reachable by others at the address.</summary>
    public void Begin(Uri address) => renewing = Task.Run(() => RenewAsync(address));

    /// <summary>Says that the writer did not answer; writes stay here for a moment.</summary>
    public void DoesNotAnswer(Uri writer, string why)
    {
        LogSilent(log, writer, why);
        Volatile.Write(
            ref distrustedUntil, Stopwatch.GetTimestamp() + (long)(Distrust.TotalSeconds * Stopwatch.Frequency));
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await renewing;
        ending.Dispose();
    }

    private async Task RenewAsync(Uri address)
    {
        while (!ending.IsCancellationRequested)
        {
            try
            {
                await TakeOrLookAsync(address);
            }
            catch (Exception lost) when (DatabaseLost.Is(lost) || lost is IOException)
            {
                // Without the database nobody writes; what was last seen runs out by itself.
                LogNotRenewed(log, lost.Message);
            }
            catch (OperationCanceledException) when (!ending.IsCancellationRequested)
            {
                LogNotRenewed(log, "the database did not answer in time");
            }
            catch (OperationCanceledException)
            {
                break;
            }

            await Task.WhenAny(Task.Delay(RenewEvery, ending.Token));
        }

        await GiveUpAsync();
    }

    /// <summary>
    /// Takes or renews the lease if it is free, and sees who has it. A server started anew at the same address takes
    /// over.
    /// </summary>
    private async Task TakeOrLookAsync(Uri address)
    {
        const string Take = """
            insert into writer_lease (holder, address, expires_at) values (@me, @address, now() + @length)
            on conflict (singleton) do update
                set holder = excluded.holder, address = excluded.address, expires_at = excluded.expires_at
            where writer_lease.holder = excluded.holder or writer_lease.address = excluded.address
                or writer_lease.expires_at <= now();
            select holder as Holder, address as Address, expires_at - now() as Remaining from writer_lease
            """;
        var asked = Stopwatch.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
        deadline.CancelAfter(Length);
        await using var connection = await database.OpenReadAsync(deadline.Token);
        var values = new { me, address = address.ToString(), length = Length };
        var row = await connection.QuerySingleAsync<LeaseRow>(
            new CommandDefinition(Take, values, cancellationToken: deadline.Token));
        var before = other;
        // Counted from when it was asked for: then this server never believes longer than the database does.
        other = row.Holder == me
            ? null
            : new Other(new Uri(row.Address), asked + (long)(row.Remaining.TotalSeconds * Stopwatch.Frequency));
        if (before?.Address != other?.Address) LogWriter(log, other?.Address ?? address);
    }

    /// <summary>A server that stops in order leaves no gap.</summary>
    private async Task GiveUpAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(Length);
            await using var connection = await database.OpenReadAsync(deadline.Token);
            await connection.ExecuteAsync(new CommandDefinition(
                "delete from writer_lease where holder = @me", new { me }, cancellationToken: deadline.Token));
        }
        catch (Exception lost) when (
            DatabaseLost.Is(lost) || lost is IOException or OperationCanceledException)
        {
            // It runs out by itself.
            LogNotRenewed(log, lost.Message);
        }
    }

    private sealed record Other(Uri Address, long Until);

    private sealed record LeaseRow(Guid Holder, string Address, TimeSpan Remaining);
}
