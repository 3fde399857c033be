using System.Globalization;
using System.Text;
using ControlPlane.Ledger;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Writes records to a directory as lines of an export, one file for each time that content is let go, so that the
/// files of the directory and what the server still has are the whole ledger.
/// </summary>
internal sealed class LedgerArchive(string directory, LedgerStore store)
{
    private static readonly UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>
    /// Writes the records behind one position up to another, and reads them back from the disk as the chain demands.
    /// </summary>
    /// <exception cref="IOException">They are not there as they were written.</exception>
    public async Task WriteAsync((long Position, Seq<byte> Hash) after, long upTo, CancellationToken cancellation)
    {
        Directory.CreateDirectory(directory);
        var name = string.Create(CultureInfo.InvariantCulture, $"ledger-{after.Position + 1:D12}-{upTo:D12}.jsonl");
        var path = Path.Combine(directory, name);
        var last = after.Hash;
        await using (var file = new FileStream($"{path}.new", FileMode.Create, FileAccess.Write))
        {
            await using (var lines = new StreamWriter(file, utf8, leaveOpen: true) { NewLine = "\n" })
            {
                await foreach (var record in store.ReadAsync(after.Position, after.Hash, cancellation))
                {
                    await lines.WriteLineAsync(LedgerExport.Line(record).AsMemory(), cancellation);
                    last = record.Hash;
                    if (record.Position == upTo) break;
                }
            }

            file.Flush(flushToDisk: true);
        }

        var found = LedgerExport.VerifyAfter(after, File.ReadLines($"{path}.new"));
        if (found != new LedgerSound(upTo, last))
            throw new IOException($"{path}.new does not hold what was written to it: {found}");
        File.Move($"{path}.new", path, overwrite: true);
    }
}
