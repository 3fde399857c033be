using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Inventory;

/// <summary>Shows regions, sites, node pools and accelerator models over HTTP.</summary>
internal sealed class InventoryApi(DecisionLoop loop, InventoryStore store)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        MapRows(routes, "regions", "regions", (use, fleet) => fleet.Regions.Select(region => new Row(region.Id.Value, Of(fleet, region, use))));
        MapRows(routes, "sites", "sites", (use, fleet) => fleet.Sites.Select(site => new Row(site.Id.Value, Of(fleet, site, use))));
        MapRows(routes, "node-pools", "nodePools", (use, fleet) => fleet.Pools.Select(pool => new Row(pool.Id.Value, Of(pool, use))));
        MapRows(routes, "skus", "skus", (_, fleet) => fleet.Skus.Select(sku => new Row(sku.Id.Value, Of(sku))));
    }

    private void MapRows(
        IEndpointRouteBuilder routes, string path, string name, Func<Dictionary<string, PoolUse>, Fleet, IEnumerable<Row>> rowsOf)
    {
        routes.MapGet($"/v1/{path}", (HttpRequest request, CancellationToken cancellation) =>
            ListAsync(request, name, rowsOf, cancellation));
        routes.MapGet($"/v1/{path}/{{id}}", async (string id, CancellationToken cancellation) =>
        {
            var rows = rowsOf(await store.UseAsync(cancellation), loop.Fleet);
            return rows.FirstOrDefault(row => row.Id == id) is { } row
                ? Results.Ok(row.Fields)
                : ProblemAnswers.Of(ProblemCatalog.NotFound.At("id", $"no '{id}' among {path}"));
        });
    }

    private async Task<IResult> ListAsync(
        HttpRequest request, string name,
        Func<Dictionary<string, PoolUse>, Fleet, IEnumerable<Row>> rowsOf, CancellationToken cancellation)
    {
        var (page, problems) = PageRequest.Of(request);
        if (problems.Count > 0) return ProblemAnswers.Of(problems);
        var use = await store.UseAsync(cancellation);
        var rows = rowsOf(use, loop.Fleet)
            .Where(row => string.CompareOrdinal(row.Id, page.After) > 0)
            .OrderBy(row => row.Id, StringComparer.Ordinal)
            .Take(page.Size + 1)
            .ToList();
        var more = rows.Count > page.Size;
        if (more) rows.RemoveAt(rows.Count - 1);
        var answer = new Dictionary<string, object> { [name] = rows.ConvertAll(row => row.Fields) };
        if (more) answer.Add("nextPageToken", PageRequest.TokenAfter(rows[^1].Id));
        return Results.Ok(answer);
    }

    private static object Of(Fleet fleet, FleetRegion region, Dictionary<string, PoolUse> use)
    {
        var pools = fleet.Pools.Where(pool => pool.Region == region).ToList();
        return new
        {
            id = region.Id.Value,
            name = region.Spec.Name,
            jurisdiction = region.Spec.Jurisdiction.Value,
            @operator = region.Spec.Operator.Value,
            accessLaws = fleet.Clusters.Where(cluster => cluster.Region == region)
                .SelectMany(cluster => AccessLaws.Reaching(fleet, cluster)).Distinct().Order().Select(law => law.Value),
            sites = region.Spec.Sites.Select(site => site.Site.Value).Order(StringComparer.Ordinal),
            accelerators = Total(pools),
            acceleratorsFree = Free(pools, use),
        };
    }

    private static object Of(Fleet fleet, FleetSite site, Dictionary<string, PoolUse> use)
    {
        var pools = fleet.Pools.Where(pool => pool.Site == site).ToList();
        return new
        {
            id = site.Id.Value,
            region = site.Region.Id.Value,
            country = site.Spec.Country.Value,
            city = site.Spec.City,
            status = Names.Of(site.Spec.Status),
            pue = site.Spec.Power.Pue,
            powerPhases = site.Spec.Power.Phases.Select(phase => new { from = phase.From, megawatts = phase.Megawatts }),
            accelerators = Total(pools),
            acceleratorsFree = Free(pools, use),
        };
    }

    private static object Of(FleetPool pool, Dictionary<string, PoolUse> use)
    {
        var used = use.GetValueOrDefault(pool.Id.Value) ?? new PoolUse(pool.Id.Value, 0, 0, 0);
        return new
        {
            id = pool.Id.Value,
            region = pool.Region.Id.Value,
            site = pool.Site.Id.Value,
            cluster = pool.Cluster.Id.Value,
            sku = pool.Sku?.Id.Value,
            fabric = Names.Of(pool.Spec.Fabric),
            nodes = pool.Nodes,
            acceleratorsPerNode = pool.Spec.AcceleratorsPerNode,
            acceleratorMilli = pool.AcceleratorMilli,
            acceleratorMilliFree = pool.AcceleratorMilli - used.AcceleratorMilli,
            cpuMilliFree = (pool.Spec.CpuMilliPerNode * pool.Nodes) - used.CpuMilli,
            memoryMibFree = (pool.Spec.MemoryMibPerNode * pool.Nodes) - used.MemoryMib,
            usdPerHour = pool.Spec.UsdPerHour,
        };
    }

    private static object Of(Sku sku) => new
    {
        id = sku.Id.Value,
        vendor = sku.Vendor,
        model = sku.Model,
        memoryGib = sku.MemoryGib ?? sku.MemoryGigabytes,
        bandwidthGigabytesPerSecond = sku.BandwidthGigabytesPerSecond,
        teraflops = new { bf16 = sku.Teraflops.Bf16, fp8 = sku.Teraflops.Fp8, fp4 = sku.Teraflops.Fp4 },
        watts = sku.Watts,
        status = sku.Status,
        programmability = sku.Programmability,
    };

    private static long Total(List<FleetPool> pools) => pools.Sum(pool => pool.AcceleratorMilli) / 1000;

    private static decimal Free(List<FleetPool> pools, Dictionary<string, PoolUse> use) =>
        pools.Sum(pool => pool.AcceleratorMilli - (use.GetValueOrDefault(pool.Id.Value)?.AcceleratorMilli ?? 0)) / 1000m;

    /// <summary>Something listed: its id, and its fields as clients read them.</summary>
    private sealed record Row(string Id, object Fields);
}
