using System.Text;
using System.Text.Json;
using ControlPlane.Capacity;
using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Capacity;

/// <summary>Plays changes through on a copy of the state, over HTTP.</summary>
internal sealed class WhatIfApi(StateTurns states)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/whatif", AssessAsync).Declared(WhatIfOperations.Assess);

    private async Task<IResult> AssessAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (bytes, problem) = await RequestBody.ReadAsync(request, RequestLimits.BatchBodyBytes, cancellation);
        if (problem is not null) return problem;
        var fields = FieldReader.OfBody(bytes);
        if (!fields.IsValid) return new ProblemAnswer(fields.Problems);
        var changes = Read(fields.Value);
        if (fields.Value.Wrong.Any) return new ProblemAnswer(fields.Value.Wrong.Problems);
        return await states.OnStateAsync(
            (state, now) => Task.FromResult(Assess(state, (changes, bytes), now)), cancellation);
    }

    private static IResult Assess(LedgerState state, (WhatIfChanges Changes, byte[] Body) asked, DateTimeOffset now)
    {
        var workloads = WorkloadsOf(asked.Body, state, now);
        if (workloads.All.Count > 0)
            return new ProblemAnswer(workloads.All.Select(item =>
                item with { Path = item.Path.Replace("/requests", "/workloads", StringComparison.Ordinal) }));
        var before = LedgerSnapshot.DigestTextOf(state);
        var assessed = WhatIf.Assess(
            new WhatIfState(state.World, state.Law, state.FleetFiles, state.InForce.Files),
            asked.Changes with { Workloads = workloads.Asked.Select(item => item.Request).ToSeq() }, now);
        if (!assessed.IsValid)
            return new ProblemAnswer(assessed.Problems.Select(item => item.File is null
                ? item with { Path = PointerOf(item.Path) }
                : ProblemCatalog.PolicyInvalid.At("", $"{item} [{item.Slug}]")));
        return Results.Ok(WhatIfWriter.Of(assessed.Value) with
        {
            AsOf = now,
            Position = state.Position,
            StateDigestBefore = before,
            StateDigestAfter = LedgerSnapshot.DigestTextOf(state),
        });
    }

    private static string PointerOf(string path) => "/" + path.Replace("]", "", StringComparison.Ordinal)
        .Replace('[', '/').Replace('.', '/');

    /// <summary>Workloads are read as a batch of placements is; none is no mistake here.</summary>
    private static RequestReading WorkloadsOf(byte[] body, LedgerState state, DateTimeOffset now)
    {
        using var document = JsonDocument.Parse(body);
        if (!document.RootElement.TryGetProperty("workloads", out var list) || list.GetArrayLength() == 0)
            return new RequestReading([], [], []);
        return RequestReader.Batch(
            Encoding.UTF8.GetBytes($$"""{"requests":{{list.GetRawText()}}}"""), state.World.Fleet, now);
    }

    private static WhatIfChanges Read(FieldReader fields)
    {
        var changes = new WhatIfChanges
        {
            Nodes = Items(fields, "nodes", item =>
                (new NodePoolId(item.Name("pool") ?? ""), (int)(item.Whole("nodes", true, 0, 100_000) ?? 0))),
            Power = Items(fields, "power", item =>
                (new SiteId(item.Name("site") ?? ""), Megawatts(item))),
            RemoveSites = Names(fields, "removeSites").Select(name => new SiteId(name)).ToSeq(),
            RemovePolicies = Names(fields, "removePolicies").Select(name => new PolicyId(name)).ToSeq(),
            RegionFiles = Items(fields, "regionFiles", FileOf),
            PolicyFiles = Items(fields, "policyFiles", FileOf),
            EndPlacements = Placements(fields).ToSeq(),
        };
        fields.List("workloads", required: false);
        fields.Finish();
        return changes;
    }

    private static decimal Megawatts(FieldReader item)
    {
        if (!item.Has("megawatts")) item.Complain(ProblemCatalog.FieldRequired, "megawatts", "is required");
        return item.Amount("megawatts", most: 20_000) ?? 0;
    }

    private static IEnumerable<DecisionId> Placements(FieldReader fields)
    {
        foreach (var text in fields.Texts("endPlacements", WhatIfOperations.MostChanges))
        {
            if (Guid.TryParse(text.Text, out var id)) yield return new DecisionId(id);
            else fields.Wrong.Add(ProblemCatalog.ValueUnknown.At(
                text.Pointer, $"'{Shown.Text(text.Text)}' is no id of a placement"));
        }
    }

    private static SourceFile FileOf(FieldReader item) =>
        new(item.Text("path", required: true)?.Text ?? "", item.Text("text", required: true)?.Text ?? "");

    private static IEnumerable<string> Names(FieldReader fields, string name) =>
        fields.Texts(name, WhatIfOperations.MostChanges).Select(text => text.Text);

    private static Seq<T> Items<T>(FieldReader fields, string name, Func<FieldReader, T> read)
    {
        if (fields.List(name, required: false) is not { } list) return [];
        if (list.Items.Count > WhatIfOperations.MostChanges)
        {
            fields.Wrong.Add(ProblemCatalog.TooMany.At(
                list.Pointer, $"has {list.Items.Count} entries; the limit is {WhatIfOperations.MostChanges}"));
            return [];
        }

        var items = new List<T>();
        foreach (var item in list.Items)
        {
            if (FieldReader.Of(item, fields.Wrong) is not { } inner) continue;
            items.Add(read(inner));
            inner.Finish();
        }

        return items.ToSeq();
    }
}
