using System.Net;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Cells;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Cells;

/// <summary>
/// Tells the directory the numbers of the cell and takes those of the others, at fixed times and never because of a
/// request. It is the only thing that leaves a cell by itself. Without it everything else works on.
/// </summary>
internal sealed class CellLink : IAsyncDisposable
{
    /// <summary>Numbers that are older are of no use to anybody.</summary>
    private static readonly TimeSpan oldest = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan answerLimit = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim turn = new(1);
    private readonly LedgerHost ledger;
    private readonly CellOptions options;
    private readonly ServerKey key;
    private readonly ILogger<CellLink> log;
    private readonly HttpMessageInvoker http;
    private readonly Task running;
    private long lastAt;
    private volatile Exchange? last;

    public CellLink(LedgerHost ledger, CellOptions options, ServerKey key, ILogger<CellLink> log)
    {
        (this.ledger, this.options, this.key, this.log) = (ledger, options, key, log);
        http = CreateClient(options.DirectoryAuthority);
        running = options.Directory is null ? Task.CompletedTask : Task.Run(RunAsync);
    }

    /// <summary>The directory; null when there is none.</summary>
    public Uri? Directory => options.Directory;

    /// <summary>The key that the directory knows the cell by.</summary>
    public ServerKey Key => key;

    /// <summary>What the last exchange came to; null before the first.</summary>
    public Exchange? Last => last;

    /// <summary>What is known of the cells, their own numbers included, with ages as of now.</summary>
    public CellTable Known()
    {
        if (last is not { Table: { } table } exchange) return CellTable.Empty;
        var since = TimeProvider.System.GetElapsedTime(exchange.TableAt);
        return since > oldest ? CellTable.Empty : table with
        {
            Cells = table.Cells.Select(cell => cell with { AgeSeconds = cell.AgeSeconds + (long)since.TotalSeconds })
                .Where(cell => cell.AgeSeconds is null || cell.AgeSeconds <= oldest.TotalSeconds)
                .ToSeq(),
        };
    }

    /// <summary>The message that would leave now; null where the server is no cell or cannot say.</summary>
    public async Task<CellMessage?> MessageAsync(CancellationToken cancellation)
    {
        if (await ledger.Loop.SubmitAsync(new AskCellReport(), cancellation) is not CellReported { Report: { } report })
            return null;
        return new CellMessage("PUT", $"/v1/cells/{report.Cell}", report.Cell, NextAt()) { Body = report.Write() };
    }

    /// <summary>Tells the directory now.</summary>
    public async Task<Exchange> ExchangeAsync(CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            var before = last;
            var now = await AskAsync(cancellation);
            // Numbers that were had stay until they are too old: a directory that is away takes nothing away.
            last = now with { Table = now.Table ?? before?.Table, TableAt = now.Table is null
                ? before?.TableAt ?? 0
                : TimeProvider.System.GetTimestamp() };
            if (before?.Problem != now.Problem) Say(now);
            return last;
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        http.Dispose();
        turn.Dispose();
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(options.Every);
        try
        {
            do await ExchangeAsync(stopping.Token);
            while (await timer.WaitForNextTickAsync(stopping.Token));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task<Exchange> AskAsync(CancellationToken cancellation)
    {
        var at = DateTimeOffset.UtcNow;
        if (Directory is not { } directory) return new Exchange(at, "there is no directory", 0);
        if (ledger.Loop.Fleet.Cell is not { } cell) return new Exchange(at, "this server is no cell", 0);
        // Of several servers on one database the one that writes tells; the others only ask.
        var message = ledger.Lease.Writer is null
            ? await MessageAsync(cancellation)
            : new CellMessage("GET", "/v1/cells", cell.Cell, NextAt());
        if (message is null) return new Exchange(at, "the numbers cannot be had at the moment", 0);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(answerLimit);
        try
        {
            using var request = message.ToRequest(directory, key.Sign(message.Signed()));
            using var answer = await http.SendAsync(request, limit.Token);
            if (answer.StatusCode != HttpStatusCode.OK)
                return new Exchange(at, $"the directory answered {(int)answer.StatusCode}", message.Body.Length);
            var bytes = await ReadAsync(answer, limit.Token);
            var table = bytes is null ? null : CellTable.Read(bytes, ledger.Loop.Fleet.Whole);
            return new Exchange(at, table is null ? "the directory's answer is not sound" : null, message.Body.Length)
            {
                Table = table,
            };
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException
            || (lost is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new Exchange(at, "the directory cannot be reached", message.Body.Length);
        }
    }

    /// <summary>The body, unless it is longer than any table.</summary>
    private static async Task<byte[]?> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        using var bytes = new MemoryStream();
        var part = new byte[16_384];
        while (await stream.ReadAsync(part, cancellation) is > 0 and var read)
        {
            if (bytes.Length + read > CellTable.MostBytes) return null;
            bytes.Write(part, 0, read);
        }

        return bytes.ToArray();
    }

    /// <summary>Later than every moment before it, also when the clock was set back.</summary>
    private long NextAt()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        while (true)
        {
            var before = Interlocked.Read(ref lastAt);
            var next = Math.Max(now, before + 1);
            if (Interlocked.CompareExchange(ref lastAt, next, before) == before) return next;
        }
    }

    /// <summary>No proxy, no cookies, no header that tells of what else the server does.</summary>
    private static HttpMessageInvoker CreateClient(string? authority)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(3), PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        };
        if (authority is null) return new HttpMessageInvoker(handler);
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(authority);
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        return new HttpMessageInvoker(handler);
    }

    private void Say(Exchange exchange)
    {
        if (exchange.Problem is { } problem) LogNotTold(log, problem);
        else LogTold(log, exchange.Bytes);
    }
}

/// <summary>Tells of one exchange with the directory: when, why it failed, how many bytes of report left.</summary>
internal sealed record Exchange(DateTimeOffset At, string? Problem, int Bytes)
{
    /// <summary>What is known of all cells; from an earlier exchange when this one failed.</summary>
    public CellTable? Table { get; init; }

    /// <summary>When that was learnt, by a clock that nobody sets.</summary>
    public long TableAt { get; init; }
}
