using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Core.Tests;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Reviews;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Chaos;
using Xunit.Abstractions;

namespace ControlPlane.Server.Tests.Policies;

/// <summary>
/// Law is judged in four ways: rule by rule, by compiled sets, by a server that is asked for a plan, and by the command
/// without a server. All four say the same about every place of the shipped regions, with the same reasons.
/// </summary>
public sealed class FourWaysTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    /// <summary>Triples of a policy set, a workload and a site on a day that every way judges.</summary>
    private const int Triples = 100_000;

    private const int WorkloadsPerSet = 40;
    private const int MutatedWorkloads = 2;

    private static readonly Fleet Fleet = RegionFiles.Parse(Checkout.Read("regions")).Value;

    private static readonly HashSet<JurisdictionId> Places = [.. Fleet.Catalog.Jurisdictions.Select(item => item.Id)];
    private static readonly HashSet<AccessLawId> AccessLaws =
        [.. Fleet.Catalog.Jurisdictions.SelectMany(item => item.AccessLaws)];

    private readonly TestDirectory folder = new("four-ways");
    private readonly TestServer server = TestServer.OnShippedFiles();

    public async Task InitializeAsync()
    {
        foreach (var file in Checkout.Read("regions"))
        {
            var path = Path.Combine(folder.Path, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, file.Text);
        }

        await server.InitializeAsync();
    }

    public Task DisposeAsync() => server.DisposeAsync();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task All_four_say_the_same_about_a_hundred_thousand_triples()
    {
        var sets = Number("CPLANE_CASES") ?? (Triples / (WorkloadsPerSet * Fleet.Pools.Count)) + 1;
        var (judged, denied) = (0, 0);
        for (var seed = 1; seed <= sets; seed++)
        {
            var question = Ask(new Dice(seed), WorkloadsPerSet);

            var interpreter = CoreLegs.Interpreter(question, Fleet);
            var compiled = CoreLegs.Compiled(question, interpreter, Fleet);
            var api = await ApiAsync(question);
            var cplane = await CplaneAsync(question);

            foreach (var (name, said) in new[] { ("compiled", compiled), (":plan", api), ("cplane", cplane) })
                Assert.True(interpreter.FirstDifferenceTo(said) is null,
                    $"seed {seed}: interpreter and {name} differ at {interpreter.FirstDifferenceTo(said)}");
            judged += interpreter.ByPool.Sum(places => places.Count);
            denied += interpreter.ByPool.Sum(places =>
                places.Values.Count(lines => lines.Contains(" denied: ", StringComparison.Ordinal)));
        }

        output.WriteLine($"{judged} triples of {sets} sets, each judged in four ways; denied {denied}");
        Assert.True(judged >= Triples || Number("CPLANE_CASES") is not null, $"only {judged} triples were judged");
        Assert.InRange(denied, judged / 20, judged);
    }

    [Theory]
    [InlineData(Leg.Interpreter)]
    [InlineData(Leg.Compiled)]
    [InlineData(Leg.Api)]
    [InlineData(Leg.Cplane)]
    public async Task A_mutation_in_one_of_the_four_is_noticed(Leg mutated)
    {
        var question = Ask(new Dice(7), MutatedWorkloads, Residency("EU"));
        var other = Ask(new Dice(7), MutatedWorkloads, Residency("CH"));
        LawQuestion For(Leg leg) => leg == mutated ? other : question;

        var interpreter = CoreLegs.Interpreter(For(Leg.Interpreter), Fleet);
        var compiled = CoreLegs.Compiled(For(Leg.Compiled), CoreLegs.Interpreter(question, Fleet), Fleet);
        var api = await ApiAsync(For(Leg.Api));
        var cplane = await CplaneAsync(For(Leg.Cplane));

        var different = new[] { compiled, api, cplane }.Select(interpreter.DifferencesTo).ToList();
        Assert.Equal(
            mutated == Leg.Interpreter ? [true, true, true]
                : [mutated == Leg.Compiled, mutated == Leg.Api, mutated == Leg.Cplane],
            different.Select(count => count > 0));
    }

    /// <summary>
    /// A random set that the shipped regions take, and random workloads on days around those of its rules.
    /// </summary>
    private static LawQuestion Ask(Dice dice, int workloads, Policy? always = null)
    {
        var random = RandomLaw.Policies(dice, Fleet, most: 8, percentCapacity: 0);
        var sound = random.Policies.Append(always).OfType<Policy>()
            .Select(policy => new SourceFile($"policies/{policy.Id}.yaml", FileText.Of(policy)))
            .Where(file => PolicyFiles.Parse([file], Fleet).IsValid)
            .ToList();
        var waivers = random.Waivers
            .Select(waiver => new SourceFile($"policies/waivers/{waiver.Id}.yaml", FileText.Of(waiver)))
            .Where(file => PolicyFiles.Parse([.. sound, file], Fleet).IsValid);
        var files = sound.Concat(waivers).OrderBy(file => file.Path, StringComparer.Ordinal).ToSeq();
        var questions = Enumerable.Range(0, workloads).Select(_ => new WorkloadQuestion
        {
            Workload = FixtureOf(dice), AsOf = RandomFleet.Day.AddDays(dice.Int(-3, 3)),
        });
        return new LawQuestion(files, PolicyFiles.Parse(files, Fleet).Value, questions.ToSeq());
    }

    private static Policy Residency(string allowed) => new()
    {
        Id = new("always"), Because = "It is so.", Source = new() { Law = "Law" }, Owner = "owner",
        ValidFrom = new(2020, 1, 1), Enforcement = Enforcement.Mandatory, Match = new() { Everything = true },
        Rules = [new ResidencyRule { Rule = "stays", Allow = [new(allowed)] }],
    };

    private static WorkloadFixture FixtureOf(Dice dice)
    {
        var request = RandomRequest.Of(dice, Fleet);
        return new WorkloadFixture
        {
            DataClass = request.DataClass, Tenant = request.Tenant, Kind = request.Kind,
            Labels = request.Labels.Select(label => new LabelMatch { Key = label.Key, Value = label.Value }).ToSeq(),
            // In order, as the server has them.
            Residency = request.Residency.Where(Places.Contains).Order().ToSeq(),
            ExcludeAccessLaws = request.ExcludeAccessLaws.Where(AccessLaws.Contains).Order().ToSeq(),
            AllowRegions = request.AllowRegions.Order().ToSeq(), DenyRegions = request.DenyRegions.Order().ToSeq(),
            HomeRegion = request.HomeRegion,
            DataOrigin = request.DataOrigin is { } origin && Places.Contains(origin) ? origin : null,
            DataCopies = request.DataCopies?.Where(id => id.Value != "gone").Order().ToSeq(),
            TenantHome = request.TenantHome, SignedBy = request.Artefact?.SignedBy, Units = request.Units,
            Accelerators = dice.Chance(50) ? dice.Pick(1, 8) : null,
        };
    }

    /// <summary>Puts the set in force and asks for a plan of each workload, with every verdict.</summary>
    private async Task<Said> ApiAsync(LawQuestion question)
    {
        var body = new JsonObject
        {
            ["files"] = new JsonArray([.. question.Files.Select(
                file => new JsonObject { ["path"] = file.Path, ["text"] = file.Text })]),
        };
        var activated = await server.PostAsync("/v1/policies:activate", body.ToJsonString());
        Assert.True(activated.Status == 200, activated.Text);
        var said = new List<Dictionary<string, string>>();
        foreach (var workload in question.Workloads)
        {
            var day = workload.AsOf!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var planned = await server.PostAsync($"/v1/placements:plan?as_of={day}", BodyOf(workload.Workload));
            Assert.True(planned.Status == 200, planned.Text);
            said.Add(planned.Json["explanation"]!["trials"]!.AsArray().ToDictionary(
                trial => (string)trial!["nodePool"]!,
                trial => string.Join('\n', trial!["verdicts"]!.AsArray()
                    .Where(verdict => (string)verdict!["kind"]! == "law").Select(verdict => LineOf(verdict!))),
                StringComparer.Ordinal));
        }

        return new Said(said);
    }

    /// <summary>Writes the set beside the regions and has the command judge all workloads at once.</summary>
    private async Task<Said> CplaneAsync(LawQuestion question)
    {
        var policies = Path.Combine(folder.Path, "policies");
        if (Directory.Exists(policies)) Directory.Delete(policies, recursive: true);
        Directory.CreateDirectory(Path.Combine(policies, "waivers"));
        foreach (var file in question.Files)
            await File.WriteAllTextAsync(Path.Combine(folder.Path, file.Path), file.Text);
        var asked = Path.Combine(folder.Path, "questions.yaml");
        await File.WriteAllTextAsync(asked, FileText.Of(new WorkloadQuestions { Questions = question.Workloads }));
        var run = await Cplane.RunAsync(
            new Dictionary<string, string>(), "policy", "judge", asked, "--from", folder.Path, "-o", "json");
        Assert.True(run.ExitCode is 0 or 1, run.Error);
        return new Said(JsonNode.Parse(run.Output)!["questions"]!.AsArray()
            .Select(workload => workload!["places"]!.AsArray().ToDictionary(
                place => (string)place!["pool"]!,
                place => string.Join('\n', place!["verdicts"]!.AsArray().Select(verdict => LineOf(verdict!))),
                StringComparer.Ordinal))
            .ToList());
    }

    private static string LineOf(JsonNode verdict) =>
        $"{verdict["rule"]} {verdict["reason"]} {verdict["result"]}: {verdict["because"]}";

    /// <summary>The workload as a request of the API.</summary>
    private static byte[] BodyOf(WorkloadFixture workload)
    {
        var request = workload.Request();
        JsonArray Names<T>(Seq<T> ids) => new([.. ids.Select(id => JsonValue.Create($"{id}"))]);
        var body = new JsonObject
        {
            ["tenant"] = request.Tenant.Value, ["workload"] = request.Workload,
            ["kind"] = request.Kind.ToString().ToLowerInvariant(), ["dataClass"] = request.DataClass.Value,
            ["units"] = request.Units, ["cpuMilli"] = request.Unit.CpuMilli, ["memoryMib"] = request.Unit.MemoryMib,
            ["labels"] = new JsonObject(request.Labels.Select(
                label => KeyValuePair.Create<string, JsonNode?>(label.Key, label.Value))),
            ["explain"] = true,
        };
        if (request.Residency.Count > 0) body["residency"] = Names(request.Residency);
        if (request.ExcludeAccessLaws.Count > 0) body["excludeAccessLaws"] = Names(request.ExcludeAccessLaws);
        var regions = new JsonObject();
        if (request.AllowRegions.Count > 0) regions["allow"] = Names(request.AllowRegions);
        if (request.DenyRegions.Count > 0) regions["deny"] = Names(request.DenyRegions);
        if (regions.Count > 0) body["regions"] = regions;
        if (request.HomeRegion is { } home) body["homeRegion"] = home.Value;
        if (request.DataOrigin is { } origin) body["dataOrigin"] = origin.Value;
        if (request.TenantHome is { } seat) body["tenantHome"] = seat.Value;
        if (request.DataCopies is { } copies) body["dataCopies"] = Names(copies);
        if (request.Artefact is { } artefact)
            body["artefact"] = new JsonObject { ["digest"] = artefact.Digest, ["signedBy"] = artefact.SignedBy };
        if (request.Unit.Accelerators > 0)
            body["accelerators"] = new JsonObject { ["count"] = request.Unit.Accelerators };
        return Encoding.UTF8.GetBytes(body.ToJsonString());
    }

    /// <summary>The ways in which law is judged.</summary>
    public enum Leg
    {
        Interpreter,
        Compiled,
        Api,
        Cplane,
    }

    private static int? Number(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}
