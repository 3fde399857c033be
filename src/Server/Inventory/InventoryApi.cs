using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
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
            (fleet, use) => fleet.Own.Select(region => InventoryWriter.Of(fleet, region, use)),
            region => region.Id,
            region => region.Id,
            (rows, next) => new RegionPage(rows, next)), ("Region", "region", typeof(RegionPage)));
        Map(routes, new Listing<SiteAnswer>(
            "sites",
            (fleet, use) => fleet.Sites.Select(site => InventoryWriter.Of(fleet, site, use)),
            site => site.Id,
            site => site.Region,
            (rows, next) => new SitePage(rows, next)), ("Site", "site", typeof(SitePage)));
        Map(routes, new Listing<NodePoolAnswer>(
            "node-pools",
            (fleet, use) => fleet.Pools.Select(pool => InventoryWriter.Of(pool, use)),
            pool => pool.Id,
            pool => pool.Region,
            (rows, next) => new NodePoolPage(rows, next)), ("NodePool", "node pool", typeof(NodePoolPage)));
        Map(routes, new Listing<SkuAnswer>(
            "skus",
            (fleet, _) => fleet.Skus.Select(InventoryWriter.Of),
            sku => sku.Id,
            _ => null,
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
                Needs = Permission.FleetRead,
                Query = [QueryParameter.PageSize, QueryParameter.PageToken],
                Answers = [new(StatusCodes.Status200OK, words.Page, "one page")],
                Problems = ApiProblems.OfListings,
            });
        routes
            .MapRead($"/v1/{listing.Path}/{{id}}", (string id, HttpRequest request, CancellationToken cancellation) =>
                ShowAsync(id, listing, request, cancellation))
            .Declared(new ApiOperation($"get{words.Id}", Tag, $"Show one {words.Noun}")
            {
                Needs = Permission.FleetRead,
                PathId = PathIdForm.Name,
                Answers = [new(StatusCodes.Status200OK, typeof(T), $"the {words.Noun}")],
                Problems = [.. ApiProblems.OfIds, ProblemCatalog.StoreUnavailable],
            });
    }

    private async Task<IResult> ListAsync<T>(HttpRequest request, Listing<T> listing, CancellationToken cancellation)
    {
        var (page, problem) = PageRequest.Of(request);
        if (problem is not null) return new ProblemAnswer([problem]);
        var rows = (await RowsAsync(listing, request, cancellation))
            .Where(row => string.CompareOrdinal(listing.IdOf(row), page.After) > 0)
            .OrderBy(listing.IdOf, StringComparer.Ordinal)
            .Take(page.Size + 1)
            .ToList();
        var (shown, next) = page.Cut(rows, listing.IdOf);
        return Results.Ok(listing.PageOf(shown, next));
    }

    private async Task<IResult> ShowAsync<T>(
        string id, Listing<T> listing, HttpRequest request, CancellationToken cancellation) where T : class
    {
        var rows = await RowsAsync(listing, request, cancellation);
        return rows.FirstOrDefault(row => listing.IdOf(row) == id) is { } row
            ? Results.Ok(row)
            : ProblemAnswer.Of(ProblemCatalog.NotFound, $"there is no '{Shown.Text(id)}' among {listing.Path}");
    }

    /// <summary>Rows in regions where the caller may look; elsewhere there is nothing for it.</summary>
    private async Task<IEnumerable<T>> RowsAsync<T>(
        Listing<T> listing, HttpRequest request, CancellationToken cancellation)
    {
        var fleet = loop.Fleet;
        var rows = listing.RowsOf(fleet, await store.UseAsync(cancellation));
        if (request.Caller().RegionsSeen(fleet) is not { } regions) return rows;
        var seen = regions.ToHashSet(StringComparer.Ordinal);
        return rows.Where(row => listing.RegionOf(row) is not { } region || seen.Contains(region));
    }

    /// <summary>What is listed: where, how its rows are found and named, and what a page of them is.</summary>
    private sealed record Listing<T>(
        string Path,
        Func<Fleet, Dictionary<string, PoolUse>, IEnumerable<T>> RowsOf,
        Func<T, string> IdOf,
        Func<T, string?> RegionOf,
        Func<List<T>, string?, object> PageOf);
}
