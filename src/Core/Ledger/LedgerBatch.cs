namespace ControlPlane.Ledger;

/// <summary>Records that are committed together: each body with its length, one after the other.</summary>
public static class LedgerBatch
{
    public static byte[] Write(IEnumerable<LedgerRecord> records)
    {
        var writer = new CanonicalWriter();
        foreach (var record in records) writer.Bytes(record.Body.Span);
        return writer.ToArray();
    }

    /// <summary>Reads a batch that follows <paramref name="previousHash"/>.</summary>
    public static IEnumerable<LedgerRecord> Read(ReadOnlyMemory<byte> bytes, Seq<byte> previousHash)
    {
        var reader = new CanonicalReader(bytes);
        while (!reader.AtEnd)
        {
            var record = LedgerRecord.Read(reader.Bytes(), previousHash);
            previousHash = record.Hash;
            yield return record;
        }
    }
}
