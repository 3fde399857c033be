using ControlPlane.Failover;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Failover;

/// <summary>Shows how sites are and what moves, and takes the word of operators, over HTTP.</summary>
internal sealed class SitesApi(DecisionLoop loop, AgentJoin join)
{
    private const int MostBodyBytes = 64 * 1024;
    private const int LongestStatement = 500;
    private const int MostSites = 1_000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/site-conditions", ListAsync).Declared(SitesOperations.List);
        MapVerb(routes, "cordon", SiteVerb.Cordon).Declared(SitesOperations.Cordon);
        MapVerb(routes, "uncordon", SiteVerb.Uncordon).Declared(SitesOperations.Uncordon);
        MapVerb(routes, "drain", SiteVerb.Drain).Declared(SitesOperations.Drain);
        MapVerb(routes, "declare-dead", SiteVerb.DeclareDead).Declared(SitesOperations.DeclareDead);
        routes.MapPost("/v1/sites/{id}:evacuate", EvacuateOneAsync).Declared(SitesOperations.Evacuate);
        routes.MapPost("/v1/sites/{id}:issue-join-token", IssueAsync).Declared(SitesOperations.IssueToken);
        routes.MapPost("/v1/plans", PlanAsync).Declared(SitesOperations.Plan);
        routes.MapPost("/v1/plans:apply", ApplyAsync).Declared(SitesOperations.Apply);
        routes.MapRead("/v1/moves", MovesAsync).Declared(SitesOperations.Moves);
        routes.MapRead("/v1/placements/{id}/move", StayAsync).Declared(SitesOperations.Stay);
    }

    private RouteHandlerBuilder MapVerb(IEndpointRouteBuilder routes, string name, SiteVerb verb) => routes.MapPost(
        $"/v1/sites/{{id}}:{name}", (string id, HttpRequest request, CancellationToken cancellation) =>
            OperateAsync(id, verb, request, cancellation));

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation)
    {
        var sight = Sight.Of(request.Caller(), Permission.SitesRead, loop.Fleet);
        return await loop.SubmitAsync(new AskSites(), cancellation) switch
        {
            SitesSeen seen => Results.Ok(new SiteConditions(
                [
                    .. seen.Sites.Where(site => Sees(sight, site.Condition.Site))
                        .Select(site => SitesWriter.Of(site, sight)),
                ],
                seen.Blind)),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private async Task<IResult> OperateAsync(
        string id, SiteVerb verb, HttpRequest request, CancellationToken cancellation)
    {
        var sight = Sight.Of(request.Caller(), Permission.SitesOperate, loop.Fleet);
        if (WhyMissing(sight, id) is { } missing) return missing;
        var (fields, problem) = await RequestBody.ReadFieldsAsync(request, MostBodyBytes, cancellation);
        if (problem is not null) return problem;
        var because = Because(fields!, required: verb != SiteVerb.Uncordon); // there when there is no problem
        fields!.Finish();
        if (fields.Wrong.Any) return new ProblemAnswer(fields.Wrong.Problems);
        var statement = $"{request.Caller()}: {because}";
        return await loop.SubmitAsync(new OperateSite(new SiteId(id), verb, statement), cancellation) switch
        {
            SiteOperated operated => Results.Ok(SitesWriter.Of(operated.Site, sight)),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private async Task<IResult> IssueAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var site = new SiteId(id);
        var sight = Sight.Of(request.Caller(), Permission.SitesOperate, loop.Fleet);
        if (WhyMissing(sight, id) is { } missing) return missing;
        var (token, lifetime) = await join.IssueAsync(site, cancellation);
        return Results.Ok(new JoinTokenAnswer(id, token, (long)lifetime.TotalSeconds));
    }

    private Task<IResult> PlanAsync(HttpRequest request, CancellationToken cancellation) =>
        EvacuateAsync(request, applies: false, cancellation);

    private Task<IResult> ApplyAsync(HttpRequest request, CancellationToken cancellation) =>
        EvacuateAsync(request, applies: true, cancellation);

    private async Task<IResult> EvacuateAsync(HttpRequest request, bool applies, CancellationToken cancellation)
    {
        var (fields, problem) = await RequestBody.ReadFieldsAsync(request, MostBodyBytes, cancellation);
        if (problem is not null) return problem;
        var listed = fields!.Texts("sites", MostSites); // there when there is no problem
        var (nodes, unknown) = NodesOf(fields);
        if (listed.Count == 0 && nodes.Count == 0 && unknown is null)
            fields.Complain(ProblemCatalog.FieldRequired, "sites", "names at least one site, or nodes does one node");
        if (listed.Count > 0 && (nodes.Count > 0 || unknown is not null))
            fields.Complain(ProblemCatalog.FieldConflict, "nodes", "one plan empties sites or nodes, not both");
        var because = Because(fields, required: applies);
        var digest = applies ? fields.Text("approve", required: true)?.Text : null;
        fields.Finish();
        if (fields.Wrong.Any) return new ProblemAnswer(fields.Wrong.Problems);
        var sites = listed.Select(text => new SiteId(text.Text)).Distinct().Order().ToSeq();
        var all = sites.Concat(nodes.Select(node => loop.Fleet.FindPool(node.Pool)?.Site.Id ?? new(node.Pool.Value)));
        var sight = Sight.Of(request.Caller(), Permission.MovesWrite, loop.Fleet);
        if (unknown is not null) return NodesApi.Missing(sight, loop.Fleet, unknown);
        if (Kept(request.Caller(), all.Distinct().ToSeq()) is { } kept) return kept;
        var command = new Evacuate(sites, $"{request.Caller()}: {because}", digest)
        {
            Nodes = nodes,
            Tenants = request.Caller().TenantsSeen(Permission.MovesWrite),
        };
        return await SubmitAsync(command, cancellation);
    }

    /// <summary>The plan for one site; with the digest of one that was approved, it is done.</summary>
    private async Task<IResult> EvacuateOneAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        if (Kept(request.Caller(), [new SiteId(id)]) is { } kept) return kept;
        var (fields, problem) = await RequestBody.ReadFieldsAsync(request, MostBodyBytes, cancellation);
        if (problem is not null) return problem;
        var digest = fields!.Text("approve", required: false)?.Text; // there when there is no problem
        var because = Because(fields, required: digest is not null);
        fields.Finish();
        if (fields.Wrong.Any) return new ProblemAnswer(fields.Wrong.Problems);
        var command = new Evacuate([new SiteId(id)], $"{request.Caller()}: {because}", digest)
        {
            Tenants = request.Caller().TenantsSeen(Permission.MovesWrite),
        };
        return await SubmitAsync(command, cancellation);
    }

    private async Task<IResult> SubmitAsync(Evacuate command, CancellationToken cancellation) =>
        await loop.SubmitAsync(command, cancellation) switch
        {
            EvacuationPlanned planned => Results.Ok(SitesWriter.Of(planned, loop.Fleet)),
            PlanVoid made => ProblemAnswer.Of(
                ProblemCatalog.PlanVoid, $"the plan would be {made.Digest} now; make it again and look at it"),
            PlanForeign => ProblemAnswer.Of(
                ProblemCatalog.TenantForbidden, "the sites run work of tenants that the token does not speak for"),
            var other => AnswerResults.ProblemOf(other),
        };

    /// <summary>Nodes that a body names, or the first name that can be none.</summary>
    private static (Seq<NodeId> Nodes, string? Unknown) NodesOf(FieldReader fields)
    {
        var names = fields.Texts("nodes", DecommissionSaga.MostNodes).ConvertAll(text => text.Text);
        return (names.Select(NodeId.Parse).OfType<NodeId>().Distinct().Order().ToSeq(),
            names.Find(name => NodeId.Parse(name) is null));
    }

    private async Task<IResult> MovesAsync(HttpRequest request, CancellationToken cancellation)
    {
        var sight = Sight.Of(request.Caller(), Permission.MovesRead, loop.Fleet);
        return await loop.SubmitAsync(new AskMoves(), cancellation) switch
        {
            MovesSeen seen => Results.Ok(new MovesAnswer(
            [
                .. seen.Moves.Where(move => Sees(sight, move, seen.Fleet))
                    .Select(move => SitesWriter.Of(move, seen.Fleet)),
            ])),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private async Task<IResult> StayAsync(Guid id, HttpRequest request, CancellationToken cancellation)
    {
        var sight = Sight.Of(request.Caller(), Permission.MovesRead, loop.Fleet);
        return await loop.SubmitAsync(new AskStay(new DecisionId(id)), cancellation) switch
        {
            // In the same words, so that nobody learns which of another tenant's ids are in use.
            NotFound => Missing(id.ToString()),
            StayExplained stay when !Sees(sight, stay.Placement, loop.Fleet) => Missing(id.ToString()),
            StayExplained stay => Results.Ok(SitesWriter.Of(stay, loop.Fleet)),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    /// <summary>
    /// Why the caller may not act on sites that its body names; the gate only knows what the path names. A site that
    /// it may not even look at is as none, whoever may act there.
    /// </summary>
    private ProblemAnswer? Kept(Caller caller, Seq<SiteId> sites)
    {
        var sight = Sight.Of(caller, Permission.MovesWrite, loop.Fleet);
        foreach (var site in sites)
        {
            if (WhyMissing(sight, site.Value) is { } missing) return missing;
        }

        var at = new FleetAt(loop.Fleet, DateTimeOffset.UtcNow);
        var regions = sites.Select(site => loop.Fleet.FindSite(site)?.Region).OfType<FleetRegion>().Distinct();
        return OperatorReach.Problem(caller, regions, at) is { } kept ? new ProblemAnswer([kept]) : null;
    }

    /// <summary>Whether a placement is there for somebody: its tenant's, and every place of it within sight.</summary>
    private static bool Sees(Sight sight, Placement placement, Fleet fleet) =>
        sight.SeesTenant(placement.Request.Tenant.Value) && (sight.Regions is null
            || placement.Units.All(unit => fleet.FindPool(unit.Node.Pool) is { } pool
                && sight.SeesRegion(pool.Region.Id.Value)));

    private bool Sees(Sight sight, SiteId id) =>
        sight.Regions is null || (loop.Fleet.Sites.FirstOrDefault(site => site.Id == id) is { } found
            && sight.SeesRegion(found.Region.Id.Value));

    /// <summary>
    /// That there is no such site, as far as the caller may know, with the names that are near; null when there is.
    /// </summary>
    private ProblemAnswer? WhyMissing(Sight sight, string id) => WhyMissing(loop.Fleet, sight, id);

    internal static ProblemAnswer? WhyMissing(Fleet fleet, Sight sight, string id)
    {
        var seen = fleet.Sites.Where(site => sight.Regions is null || sight.SeesRegion(site.Region.Id.Value))
            .Select(site => site.Id.Value).ToList();
        return seen.Contains(id, StringComparer.Ordinal)
            ? null
            : AnswerResults.Missing($"there is no site {Shown.Text(id)}{NearestName.Hint(id, seen)}");
    }

    internal static string Because(FieldReader fields, bool required)
    {
        if (fields.Text("because", required) is not { } text) return "";
        if (text.Text.Length > LongestStatement || text.Text.Length == 0)
            fields.Complain(ProblemCatalog.TooLong, "because", $"must have 1 to {LongestStatement} letters");
        if (FieldReader.Hidden(text.Text) is not null)
            fields.Complain(ProblemCatalog.ValueUnknown, "because", "holds a character that cannot be seen");
        return text.Text;
    }

    private static ProblemAnswer Missing(string id) => AnswerResults.Missing($"there is no {Shown.Text(id)}");
}
