using System.Globalization;

namespace ControlPlane.Bench;

/// <summary>What the command line asks for: a table, its inputs and the form of the output.</summary>
internal sealed record BenchOptions
{
    public const string Usage = """
        Usage: ./bench [TABLE] [options]


        Tables (all of them but kills when none is named): packing, expected, nodes, pools,
        decisions, nanoseconds, state, audit, diff, loss, replan, service, noisy, kills; and simulation, with
        --seeds N and --from SEED: the long run of tests/Simulation
          packing   share of the GPUs of the public trace that is placed, by policy
          expected  the same trace decided as the API decides it, with and without expected work
          nodes     node choice on up to 100,000 nodes: index against full scan
          pools     placement decisions on up to 100,000 pools: walk against the plain loop over rules
          decisions gangs, spread and hostile requests: as the API decides against looking at every pool
          nanoseconds  the walk, refusals and the choice of a node, with the bytes that they allocate
          state     memory and times of 1,000,000 workloads
          loss      a site with 200,000 workloads is lost: from the look that shows it to the plan on disk
          replan    new places for up to 1,000,000 displaced workloads: flow beside greedy and regret
          noisy     p99 of a tenant while another asks at ten times its rate
          audit     verification of the ledger against a signed head, and how it grows
          kills     kill -9 of the server and its PostgreSQL under such a load, and what was lost or doubled by it
          diff      effect of a change of policies on up to 100,000 placements, beside judging rule by rule
          service   durable placements over HTTP from a real server, beside a transaction for each decision

        Options:
          --order DIR     for packing: read podsN.csv and nodesN.csv from DIR
          --seed N        for packing: which N; repeat or separate by commas. For others: the seed of random worlds
          --policy P,...  for packing: fgd, bestfit, firstfit, ours (with sparing)
          --list L,...    for packing without --order, and expected: lists that orders are made from
          --orders N      for packing without --order, and expected: orders made of each list (default 10)
          --size N,...    for pools: numbers of pools (default 104 to 100,000); for diff: of placements
          --rounds N      for kills: how often something is killed (default 200)
          --seconds N     for service and noisy: how long each slice lasts (default 5)
          --quick         small inputs; fails only on wrong results, never on time
          -o json         print JSON
        """;

    public IReadOnlyList<string> Tables { get; private init; } = [];
    public string? OrderFolder { get; private init; }
    public IReadOnlyList<int> Seeds { get; private init; } = [];
    public IReadOnlyList<string> Policies { get; private init; } = ["fgd", "bestfit", "firstfit", "ours"];
    public IReadOnlyList<string> Lists { get; private init; } = ["default", "gpuspec10", "gpushare40"];
    public int Orders { get; private init; } = 10;
    public IReadOnlyList<int> Sizes { get; private init; } = [];
    public int? Rounds { get; private init; }
    public int? Seconds { get; private init; }
    public bool Quick { get; private init; }
    public bool Json { get; private init; }
    public bool HelpAsked { get; private init; }

    /// <summary>Reads the arguments; an unknown one throws with a sentence.</summary>
    public static BenchOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new BenchOptions();
        for (var at = 0; at < arguments.Count; at++)
        {
            var name = arguments[at];
            options = name switch
            {
                "--help" or "-h" => options with { HelpAsked = true },
                "--quick" => options with { Quick = true, Orders = 2 },
                "--order" => options with { OrderFolder = Value() },
                "--seed" => options with { Seeds = [.. options.Seeds, .. Value().Split(',').Select(Number)] },
                "--policy" => options with { Policies = Value().Split(',') },
                "--list" => options with { Lists = Value().Split(',') },
                "--orders" => options with { Orders = Number(Value()) },
                "--size" => options with { Sizes = [.. Value().Split(',').Select(Number)] },
                "--rounds" => options with { Rounds = Number(Value()) },
                "--seconds" => options with { Seconds = Number(Value()) },
                "-o" => options with { Json = Value() == "json" },
                _ when !name.StartsWith('-') => options with { Tables = [.. options.Tables, name] },
                _ => throw new ArgumentException($"unknown option {name}"),
            };

            string Value() =>
                ++at < arguments.Count ? arguments[at] : throw new ArgumentException($"{name} needs a value");
        }

        return options;
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException($"'{text}' is no whole number");
}
