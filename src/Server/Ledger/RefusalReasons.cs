using System.Runtime.CompilerServices;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Server.Database;
using ControlPlane.Server.Placements;
using Dapper;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Keeps why requests were refused, as clients are told it, in the transaction of the records, so that whoever asks
/// again costs what reading it costs, however long the ledger is.
/// </summary>
internal sealed class RefusalReasons(PostgresDatabase database)
{
    // Refusals that differ in little share their explanation; gone with it.
    private readonly ConditionalWeakTable<Explanation, byte[]> texts = [];

    /// <summary>What a client is told.</summary>
    public byte[] TextOf(Explanation why) => texts.GetValue(why, AnswerJson.Refusal);

    /// <summary>Adds what the refusals among the answers of a batch were told, each text once.</summary>
    public static void Add(Statements statements, IEnumerable<Answer> answers)
    {
        const string Add = "insert into refusal_reasons (first_position, last_position, body) values ($1, $2, $3)";
        var refused = answers.OfType<Decided>().Where(decided => decided.Refusal is not null).ToList();
        if (refused.Count == 0) return;
        var numbers = new Dictionary<byte[], int>(ReferenceEqualityComparer.Instance);
        foreach (var decided in refused) numbers.TryAdd(decided.Refusal!, numbers.Count);
        var writer = new CanonicalWriter();
        writer.Number(numbers.Count);
        foreach (var text in numbers.Keys) writer.Bytes(text);
        foreach (var decided in refused)
        {
            writer.Number(decided.Record.Position);
            writer.Number(numbers[decided.Refusal!]);
        }

        statements.Add(Add, refused[0].Record.Position, refused[^1].Record.Position, writer.ToArray());
    }

    /// <summary>What the refusals at positions were told; some may lack it.</summary>
    public async Task<Dictionary<long, byte[]>> ReadAsync(List<long> positions, CancellationToken cancellation)
    {
        const string RowsOf = """
            select distinct on (kept.first_position) kept.body
            from unnest(@positions) as wanted (position)
            join lateral (
                select * from refusal_reasons where first_position <= wanted.position
                order by first_position desc limit 1) kept on kept.last_position >= wanted.position
            """;
        var found = new Dictionary<long, byte[]>(positions.Count);
        if (positions.Count == 0) return found;
        await using var connection = await database.OpenReadAsync(cancellation);
        var rows = await connection.QueryAsync<byte[]>(
            new CommandDefinition(RowsOf, new { positions }, cancellationToken: cancellation));
        var wanted = positions.ToHashSet();
        foreach (var row in rows) Take(row, wanted, found);
        return found;
    }

    private static void Take(byte[] row, HashSet<long> wanted, Dictionary<long, byte[]> found)
    {
        var reader = new CanonicalReader(row);
        var shared = new byte[reader.Int()][];
        for (var number = 0; number < shared.Length; number++) shared[number] = reader.Bytes();
        while (!reader.AtEnd)
        {
            var (position, number) = (reader.Number(), reader.Int());
            if (wanted.Contains(position)) found[position] = shared[number];
        }
    }
}
