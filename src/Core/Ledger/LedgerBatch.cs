namespace ControlPlane.Ledger;

/// <summary>Records that are committed together: each body with its length, one after the other.</summary>
public static class LedgerBatch
{
    public static byte[] Write(IReadOnlyCollection<LedgerRecord> records)
    {
        // Its size is known, and large enough that growing into it would cost more than writing.
        var writer = new CanonicalWriter(records.Sum(record => record.Body.Count + CanonicalWriter.LongestNumber));
        return Write(records, writer).ToArray();
    }

    /// <summary>The same with a writer whose memory is used again, and holds the batch until then.</summary>
    public static ReadOnlyMemory<byte> Write(IReadOnlyCollection<LedgerRecord> records, CanonicalWriter writer)
    {
        writer.Clear();
        foreach (var record in records) writer.Bytes(record.Body.Span);
        return writer.WrittenMemory;
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

    /// <summary>Reads the records at some places, counted from 0; of the others only the hash is followed.</summary>
    /// <returns>The hash of the last record.</returns>
    public static Seq<byte> Pick(
        ReadOnlyMemory<byte> bytes, Seq<byte> previousHash, Predicate<int> isWanted, ICollection<LedgerRecord> into)
    {
        var reader = new CanonicalReader(bytes);
        for (var place = 0; !reader.AtEnd; place++)
        {
            var body = reader.Bytes();
            if (isWanted(place))
            {
                var record = LedgerRecord.Read(body, previousHash);
                into.Add(record);
                previousHash = record.Hash;
            }
            else previousHash = LedgerRecord.HashOf(previousHash.Span, body);
        }

        return previousHash;
    }
}
