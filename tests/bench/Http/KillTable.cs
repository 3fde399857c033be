using System.Globalization;

namespace ControlPlane.Bench.Http;

/// <summary>
/// Kills the server, its PostgreSQL or both with SIGKILL while durable placements come in singly and in bulk, many
/// times over, and counts after each kill what was acknowledged and is lost, and what is there twice.
/// </summary>
internal static class KillTable
{
    private const int Singles = 32;
    private const int Bulks = 3;

    // So many that a batch is decided while the one before it is being written.
    private const int PerBatch = 600;

    public static BenchTable Make(BenchOptions options) => MakeAsync(options).GetAwaiter().GetResult();

    private static async Task<BenchTable> MakeAsync(BenchOptions options)
    {
        var table = new BenchTable("kills", "kill -9 under load of durable placements",
            ["killed", "rounds", "acknowledged", "lost", "doubled", "ready again, median", "longest"]);
        var seed = options.Seeds.Count > 0 ? options.Seeds[0] : Random.Shared.Next();
        var rounds = options.Rounds ?? (options.Quick ? 3 : 200);
        using var place = new ServerPlace("kills");
        await using var run = await KillRun.StartAsync(place, Singles, (Bulks, PerBatch));
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++) await run.RoundAsync((Victim)random.Next(3), random.Next(400));
        foreach (var victims in run.Rounds.GroupBy(one => one.Victim).OrderBy(group => group.Key))
        {
            var waits = victims.Select(one => one.ReadyAgain).Order().ToList();
            table.Add(
                NameOf(victims.Key), Text(waits.Count), Text(victims.Sum(one => one.Acknowledged)),
                Text(victims.Sum(one => one.Lost)), Text(victims.Sum(one => one.Doubled)),
                Seconds(waits[waits.Count / 2]), Seconds(waits[^1]));
        }

        var all = run.Rounds;
        table.Add("all", Text(all.Count), Text(all.Sum(one => one.Acknowledged)), Text(all.Sum(one => one.Lost)),
            Text(all.Sum(one => one.Doubled)), "", "");
        if (all.Sum(one => one.Lost) + all.Sum(one => one.Doubled) is > 0 and var wrong)
            table.Wrong.Add($"{wrong} placements were lost or doubled, seed {seed}");
        table.Notes.Add($"seed {seed}; the moments of the kills still fall where the machine puts them");
        table.Notes.Add(
            $"{Singles} connections ask singly and {Bulks} for {PerBatch} at once; what was not answered is asked for "
            + "again with the same key, and everything that is there must have been asked for");
        return table;
    }

    private static string NameOf(Victim victim) => victim switch
    {
        Victim.Server => "the server",
        Victim.Postgres => "PostgreSQL",
        _ => "both",
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:f1} s");
}

/// <summary>Which processes are killed.</summary>
internal enum Victim
{
    Server,
    Postgres,
    Both,
}

/// <summary>What a round of killing gave.</summary>
internal sealed record KillRound(Victim Victim, int Acknowledged, int Lost, int Doubled, TimeSpan ReadyAgain);
