using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Failover;

/// <summary>Takes nodes out of use and puts them in use again on the word of operators, over HTTP.</summary>
internal sealed class NodesApi(DecisionLoop loop)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/node-conditions", ListAsync).Declared(NodesOperations.List);
        MapVerb(routes, "cordon", NodeVerb.Cordon).Declared(NodesOperations.Cordon);
        MapVerb(routes, "uncordon", NodeVerb.Uncordon).Declared(NodesOperations.Uncordon);
        MapVerb(routes, "drain", NodeVerb.Drain).Declared(NodesOperations.Drain);
    }

    private RouteHandlerBuilder MapVerb(IEndpointRouteBuilder routes, string name, NodeVerb verb) => routes.MapPost(
        $"/v1/nodes/{{id}}:{name}", (string id, HttpRequest request, CancellationToken cancellation) =>
            OperateAsync(id, verb, request, cancellation));

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation)
    {
        var sight = Sight.Of(request.Caller(), Permission.SitesRead, loop.Fleet);
        return await loop.SubmitAsync(new AskNodes(), cancellation) switch
        {
            NodesSeen seen => Results.Ok(new NodeConditions(
                [.. seen.Nodes.Where(node => Sees(sight, loop.Fleet, node.Node)).Select(NodesWriter.Of)])),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private async Task<IResult> OperateAsync(
        string id, NodeVerb verb, HttpRequest request, CancellationToken cancellation)
    {
        var sight = Sight.Of(request.Caller(), Permission.SitesOperate, loop.Fleet);
        if (NodeId.Parse(id) is not { } node || !Sees(sight, loop.Fleet, node)) return Missing(sight, loop.Fleet, id);
        var (fields, problem) =
            await RequestBody.ReadFieldsAsync(request, NodesOperations.MostBodyBytes, cancellation);
        if (problem is not null) return problem;
        var because = SitesApi.Because(fields!, required: verb != NodeVerb.Uncordon); // there when there is no problem
        fields!.Finish();
        if (fields.Wrong.Any) return new ProblemAnswer(fields.Wrong.Problems);
        var command = new OperateNode(node, verb, $"{request.Caller()}: {because}");
        return await loop.SubmitAsync(command, cancellation) switch
        {
            NodeOperated operated => Results.Ok(NodesWriter.Of(operated.Node)),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    /// <summary>That there is no such node, as far as the caller may know, with what its pool has.</summary>
    public static ProblemAnswer Missing(Sight sight, Fleet fleet, string id)
    {
        var pools = fleet.Pools
            .Where(pool => sight.Regions is null || sight.SeesRegion(pool.Region.Id.Value)).ToList();
        var none = $"there is no node {Shown.Text(id)}";
        if (NodeId.Parse(id) is not { } node)
            return AnswerResults.Missing($"{none}: a node is named by its pool and its number in it, as POOL-0003");
        var pool = pools.Find(pool => pool.Id == node.Pool);
        return AnswerResults.Missing(pool switch
        {
            null => $"{none}: there is no such pool"
                + NearestName.Hint(node.Pool.Value, pools.Select(known => known.Id.Value)),
            { Nodes: 0 } => $"{none}: its pool has none",
            _ => $"{none}: the nodes of its pool are 0000 to {pool.Nodes - 1:0000}",
        });
    }

    /// <summary>Whether a node is there for somebody.</summary>
    public static bool Sees(Sight sight, Fleet fleet, NodeId node) =>
        fleet.FindPool(node.Pool) is { } pool && node.Ordinal < pool.Nodes
        && (sight.Regions is null || sight.SeesRegion(pool.Region.Id.Value));
}
