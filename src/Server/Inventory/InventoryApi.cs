using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Inventory;

/// <summary>Shows regions, sites, node pools and accelerator models over HTTP.</summary>
internal sealed class InventoryApi(DecisionLoop loop, InventoryStore store)
{
    private const string Tag = "Inventory";

    public void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, new Listing<RegionAnswer>(
            "regions",
            (fleet, use) => fleet.Regions.Select(region => InventoryWriter.Of(fleet, region, use)),
            region => region.Id,
            (rows, next) => new RegionPage(rows, next)), ("Region", "region", typeof(RegionPage)));
        Map(routes, new Listing<SiteAnswer>(
            "sites",
            (fleet, use) => fleet.Sites.Select(site => InventoryWriter.Of(fleet, site, use)),
            site => site.Id,
            (rows, next) => new SitePage(rows, next)), ("Site", "site", typeof(SitePage)));
        Map(routes, new Listing<NodePoolAnswer>(
            "node-pools",
            (fleet, use) => fleet.Pools.Select(pool => InventoryWriter.Of(pool, use)),
            pool => pool.Id,
            (rows, next) => new NodePoolPage(rows, next)), ("NodePool", "node pool", typeof(NodePoolPage)));
        Map(routes, new Listing<SkuAnswer>(
            "skus",
            (fleet, _) => fleet.Skus.Select(InventoryWriter.Of),
            sku => sku.Id,
            (rows, next) => new SkuPage(rows, next)), ("Sku", "accelerator model", typeof(SkuPage)));
    }

    private void Map<T>(
        IEndpointRouteBuilder routes, Listing<T> listing, (string Id, string Noun, Type Page) words) where T : class
    {
        routes
            .MapRead($"/v1/{listing.Path}", (HttpRequest request, CancellationToken cancellation) =>
                ListAsync(request, listing, cancellation))
            .Declared(new ApiOperation($"list{words.Id}s", Tag, $"List every {words.Noun}, ordered by id")
            {
                Query = [QueryParameter.PageSize, QueryParameter.PageToken],
                Answers = [new(StatusCodes.Status200OK, words.Page, "one page")],
                Problems = ApiProblems.OfListings,
            });
        routes
            .MapRead($"/v1/{listing.Path}/{{id}}", (string id, CancellationToken cancellation) =>
                ShowAsync(id, listing, cancellation))
            .Declared(new ApiOperation($"get{words.Id}", Tag, $"Show one {words.Noun}")
            {
                PathId = PathIdForm.Name,
                Answers = [new(StatusCodes.Status200OK, typeof(T), $"the {words.Noun}")],
                Problems = [.. ApiProblems.OfIds, ProblemCatalog.StoreUnavailable],
            });
    }

    private async Task<IResult> ListAsync<T>(HttpRequest request, Listing<T> listing, CancellationToken cancellation)
    {
        var (page, problem) = PageRequest.Of(request);
        if (problem is not null) return new ProblemAnswer([problem]);
        var rows = listing.RowsOf(loop.Fleet, await store.UseAsync(cancellation))
            .Where(row => string.CompareOrdinal(listing.IdOf(row), page.After) > 0)
            .OrderBy(listing.IdOf, StringComparer.Ordinal)
            .Take(page.Size + 1)
            .ToList();
        var (shown, next) = page.Cut(rows, listing.IdOf);
        return Results.Ok(listing.PageOf(shown, next));
    }

    private async Task<IResult> ShowAsync<T>(string id, Listing<T> listing, CancellationToken cancellation)
        where T : class
    {
        var rows = listing.RowsOf(loop.Fleet, await store.UseAsync(cancellation));
        return rows.FirstOrDefault(row => listing.IdOf(row) == id) is { } row
            ? Results.Ok(row)
            : ProblemAnswer.Of(ProblemCatalog.NotFound, $"there is no '{Shown.Text(id)}' among {listing.Path}");
    }

    /// <summary>What is listed: where, how its rows are found and named, and what a page of them is.</summary>
    private sealed record Listing<T>(
        string Path,
        Func<Fleet, Dictionary<string, PoolUse>, IEnumerable<T>> RowsOf,
        Func<T, string> IdOf,
        Func<List<T>, string?, object> PageOf);
}
