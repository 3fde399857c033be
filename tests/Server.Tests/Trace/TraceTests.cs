using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Server.Tests.Hosting;
using ControlPlane.Traces;
using Xunit.Abstractions;

namespace ControlPlane.Server.Tests.Trace;

/// <summary>Places the public GPU trace, 8,152 pods on 1,213 nodes, through the API of a server of its own.</summary>
public sealed class TraceTests(ITestOutputHelper output) : IDisposable
{
    private const int PodsPerCall = 1000;

    private readonly TestDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [TraceTheory]
    [InlineData("default")]
    [InlineData("gpuspec10")]
    public async Task Every_pod_is_placed_or_refused_with_a_reason_and_no_node_is_overcommitted(string list)
    {
        var nodes = TraceRows.Nodes(DataFolder.In("traces", "openb_node_list_gpu_node.csv"));
        var pods = TraceRows.Pods(DataFolder.In("traces", $"openb_pod_list_{list}.csv"));
        var files = TraceFleet.Files(nodes);
        Write(files);

        await using var server = await ServerProcess.StartAsync(
            "--data", directory.In("state"),
            "--regions", directory.In("regions"),
            "--policies", directory.In("policies"));
        var clock = Stopwatch.StartNew();
        var answers = await PlaceAsync(server.Http, pods);
        var elapsed = clock.Elapsed;
        var fold = new LedgerFold(Sizes(RegionFiles.Parse([.. files]).Value));
        var verified = LedgerExport.Verify(await LedgerFold.ExportAsync(server.Http), fold.Add);

        output.WriteLine(Table(pods, answers, elapsed));
        Assert.IsType<LedgerSound>(verified);
        Assert.Empty(fold.Overcommitted);
        Assert.Equal(pods.Select(pod => pod.Name), fold.Decisions.Select(decision => decision.Request.Workload));
        Assert.Equal(
            answers.Select(answer => answer.Outcome == "bound"),
            fold.Decisions.Select(decision => decision.Decision is Placed));
        Assert.All(answers, answer => Assert.True(answer.Outcome == "bound" || answer.Reasons > 0, $"{answer}"));
        Assert.All(pods.Zip(fold.Decisions), pair => AssertModelIsAccepted(pair.First, pair.Second));
    }

    private void Write(IReadOnlyList<SourceFile> files)
    {
        Directory.CreateDirectory(directory.In("policies"));
        File.Copy(
            Path.Combine(Core.Tests.Checkout.Root, "policies", "preferences.yaml"),
            directory.In("policies/preferences.yaml"));
        foreach (var file in files)
        {
            var path = directory.In(file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // below the test's directory, so never a root
            File.WriteAllText(path, file.Text);
        }
    }

    private static async Task<List<PodAnswer>> PlaceAsync(HttpClient http, List<TracePod> pods)
    {
        var answers = new List<PodAnswer>();
        foreach (var (index, chunk) in pods.Chunk(PodsPerCall).Index())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/placements:batch")
            {
                Content = new StringContent(TraceRequests.Batch(chunk), Encoding.UTF8, "application/json"),
                Headers = { { "Idempotency-Key", $"trace-{index}" } },
            };
            using var response = await http.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, body);
            using var document = JsonDocument.Parse(body);
            answers.AddRange(document.RootElement.GetProperty("results").EnumerateArray().Select(PodAnswer.Of));
        }

        return answers;
    }

    private static Dictionary<NodeId, LedgerFold.Size> Sizes(Fleet fleet) => fleet.Pools
        .SelectMany(
            pool => Enumerable.Range(0, pool.Nodes), (pool, ordinal) => (new NodeId(pool.Id, ordinal), pool.Spec))
        .ToDictionary(node => node.Item1, node => new LedgerFold.Size(
            node.Spec.CpuMilliPerNode, node.Spec.MemoryMibPerNode, node.Spec.AcceleratorsPerNode));

    private static void AssertModelIsAccepted(TracePod pod, PlacementDecided decided)
    {
        if (pod.Models.Length == 0 || decided.Decision is not Placed placed) return;
        var accepted = pod.Models.Split('|').Select(TraceFleet.SkuOf);
        // Pools are named for their model.
        Assert.All(placed.Units, unit =>
            Assert.Contains(accepted, sku => unit.Node.Pool.Value.StartsWith($"{sku}-", StringComparison.Ordinal)));
    }

    private static string Table(List<TracePod> pods, List<PodAnswer> answers, TimeSpan elapsed)
    {
        var all = pods.Zip(answers).ToList();
        var text = new StringBuilder();
        text.AppendLine("kind of pod | pods | placed | share | GPU asked | GPU placed | share | refused for");
        Row("no GPU", pod => pod.Gpus == 0);
        Row("share of a GPU", pod => pod.IsShare);
        Row("whole GPUs", pod => pod.Gpus > 0 && !pod.IsShare);
        Row("of a named model", pod => pod.Models.Length > 0);
        Row("all", _ => true);
        var rate = pods.Count / elapsed.TotalSeconds;
        return text.Append(CultureInfo.InvariantCulture, $"{pods.Count} pods in {elapsed.TotalSeconds:f2} s wall, ")
            .Append(CultureInfo.InvariantCulture, $"{rate:f0}/s, durable, {PodsPerCall} a call").ToString();

        void Row(string name, Func<TracePod, bool> belongs)
        {
            var rows = all.Where(pair => belongs(pair.First)).ToList();
            var placed = rows.Where(pair => pair.Second.Outcome == "bound").ToList();
            var (asked, got) = (rows.Sum(pair => pair.First.TotalMilli), placed.Sum(pair => pair.First.TotalMilli));
            var reasons = rows.Where(pair => pair.Second.Outcome != "bound")
                .CountBy(pair => pair.Second.Reason).OrderBy(reason => reason.Key, StringComparer.Ordinal)
                .Select(reason => $"{reason.Key} {reason.Value}");
            text.AppendLine(string.Join(" | ", name, rows.Count, placed.Count, Percent(placed.Count, rows.Count),
                Gpus(asked), Gpus(got), Percent(got, asked), string.Join(", ", reasons)));
        }
    }

    private static string Gpus(long milli) => (milli / 1000m).ToString(CultureInfo.InvariantCulture);

    private static string Percent(long part, long whole) =>
        whole == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{part * 100m / whole:f2} %");

    /// <summary>What the server answered for one pod.</summary>
    private sealed record PodAnswer(string Outcome, string Reason, int Reasons)
    {
        public static PodAnswer Of(JsonElement answer)
        {
            var outcome = answer.GetProperty("outcome").GetString()!; // a placement answer always has one
            if (outcome == "bound") return new PodAnswer(outcome, "", 0);
            var refusal = answer.GetProperty("refusal");
            var reason = refusal.GetProperty("reason").GetString() ?? "";
            return new PodAnswer(outcome, reason, refusal.GetProperty("reasons").GetArrayLength());
        }
    }
}
