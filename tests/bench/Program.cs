using System.Text.Json;
using ControlPlane.Bench;
using ControlPlane.Bench.Audit;
using ControlPlane.Bench.Failover;
using ControlPlane.Bench.Http;
using ControlPlane.Bench.Nanoseconds;
using ControlPlane.Bench.Nodes;
using ControlPlane.Bench.Packing;
using ControlPlane.Bench.Pools;
using ControlPlane.Bench.Replanning;
using ControlPlane.Bench.Reviews;
using ControlPlane.Bench.State;

BenchOptions options;
try
{
    options = BenchOptions.Parse(args);
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine($"bench: {wrong.Message}\n\n{BenchOptions.Usage}");
    return 2;
}

if (options.HelpAsked)
{
    Console.WriteLine(BenchOptions.Usage);
    return 0;
}

var makers = new Dictionary<string, Func<BenchOptions, BenchTable>>(StringComparer.Ordinal)
{
    ["packing"] = PackingTable.Make,
    ["expected"] = ExpectedTable.Make,
    ["nodes"] = NodesTable.Make,
    ["service"] = HttpTable.Make,
    ["pools"] = PoolsTable.Make,
    ["decisions"] = DecisionsTable.Make,
    ["nanoseconds"] = NanosecondsTable.Make,
    ["state"] = StateTable.Make,
    ["audit"] = AuditTable.Make,
    ["loss"] = LossTable.Make,
    ["noisy"] = NoisyTable.Make,
    ["kills"] = KillTable.Make,
    ["diff"] = DiffTable.Make,
    ["replan"] = ReplanTable.Make,
};
if (options.Tables.FirstOrDefault(name => !makers.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"bench: there is no table {unknown}; there are {string.Join(", ", makers.Keys)}");
    return 2;
}

var facts = Machine.Facts();
if (!options.Json)
{
    foreach (var (name, value) in facts) Console.WriteLine($"{name}: {value}");
}

var tables = new List<BenchTable>();
foreach (var name in options.Tables.Count > 0 ? options.Tables : [.. makers.Keys.Where(name => name != "kills")])
{
    var table = makers[name](options);
    tables.Add(table);
    if (options.Json) continue;
    Console.WriteLine();
    foreach (var line in table.Lines()) Console.WriteLine(line);
}

if (options.Json)
{
    Console.WriteLine(JsonSerializer.Serialize(new
    {
        machine = facts.ToDictionary(fact => fact.Name, fact => fact.Value),
        tables = tables.Select(table => new
        {
            name = table.Name,
            title = table.Title,
            columns = table.Columns,
            rows = table.Rows,
            notes = table.Notes,
            wrong = table.Wrong,
        }),
    }));
}

return tables.Exists(table => table.Wrong.Count > 0) ? 1 : 0;
