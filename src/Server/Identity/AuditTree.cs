using System.Security.Cryptography;
using ControlPlane.Ledger;
using ControlPlane.Server.Database;
using ControlPlane.Server.Ledger;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Keeps the tree over the ledger's records, brings it up to date when it is asked, and signs its heads. From time to
/// time a head is written to a directory that should lie elsewhere, so that it is out of this server's reach.
/// </summary>
internal sealed class AuditTree(LedgerStore store, ServerKey key, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan exportEvery = TimeSpan.FromMinutes(5);
    private readonly SemaphoreSlim turn = new(1);
    private readonly CancellationTokenSource stopping = new();
    private readonly MerkleTree tree = new();
    private Seq<byte> hash = LedgerRecord.NoHash;
    private Task exporting = Task.CompletedTask;
    private long exported = -1;

    /// <summary>The newest head, signed now.</summary>
    public Task<SignedHead> HeadAsync(CancellationToken cancellation) => WithTreeAsync(_ => Sign(), cancellation);

    /// <summary>Asks the tree something, after every record that stands in the ledger came in.</summary>
    public async Task<T> WithTreeAsync<T>(Func<MerkleTree, T> ask, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            await foreach (var entry in store.ReadEntriesAsync(tree.Size, hash, cancellation))
            {
                if (entry.Record is { } record) tree.Add(record.Body.Span);
                else tree.AddHash(entry.Retired!.Leaf.Span); // one of the two is there
                hash = entry.Record?.Hash ?? entry.Retired?.Hash ?? hash;
            }

            return ask(tree);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Writes the newest head to a directory, once.</summary>
    public async Task WriteHeadAsync(string directory) =>
        await WriteAsync(await HeadAsync(CancellationToken.None), directory);

    /// <summary>Writes a head to a directory now, every few minutes when there is a new one, and at the end.</summary>
    public void ExportTo(string directory) =>
        exporting = Task.Run(() => ExportAsync(directory), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await exporting;
        turn.Dispose();
        stopping.Dispose();
    }

    private SignedHead Sign()
    {
        var head = new SignedHead
        {
            Size = tree.Size,
            Root = tree.Root,
            Hash = hash,
            At = DateTimeOffset.UtcNow,
            PublicKey = key.PublicKey.ToSeq(),
            Signature = [],
        };
        return head with { Signature = key.Sign(head.Content()).ToSeq() };
    }

    private async Task ExportAsync(string directory)
    {
        using var timer = new PeriodicTimer(exportEvery);
        for (var goesOn = true; goesOn;)
        {
            await ExportOnceAsync(directory);
            try
            {
                goesOn = await timer.WaitForNextTickAsync(stopping.Token);
            }
            catch (OperationCanceledException)
            {
                goesOn = false;
            }
        }

        await ExportOnceAsync(directory);
    }

    private static async Task WriteAsync(SignedHead head, string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, $"head-{head.Size:D12}.json");
        await File.WriteAllTextAsync($"{path}.new", $"{head.ToJson()}\n", CancellationToken.None);
        File.Move($"{path}.new", path, overwrite: true);
    }

    private async Task ExportOnceAsync(string directory)
    {
        try
        {
            var head = await HeadAsync(CancellationToken.None);
            if (head.Size == exported) return;
            await WriteAsync(head, directory);
            exported = head.Size;
        }
        catch (Exception lost) when (DatabaseLost.Is(lost) || lost is IOException
            or UnauthorizedAccessException or CryptographicException)
        {
            LogNotExported(log, directory, lost.Message);
        }
    }
}
