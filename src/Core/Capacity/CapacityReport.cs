using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>What the rows of a report stand for.</summary>
public enum CapacityView
{
    /// <summary>Countries whose law governs the regions.</summary>
    Jurisdiction,
    Region,
    Site,

    /// <summary>Accelerator models over all regions.</summary>
    Sku,

    /// <summary>Who uses what; only sold and held are a tenant's.</summary>
    Tenant,
}

/// <summary>
/// What is left of the declared fleet at one instant, for every jurisdiction, region, site, model or tenant. Free is
/// split into what some workload that runs or waits may lawfully use and what is stranded, with the cause.
/// </summary>
/// <param name="View">What the rows stand for.</param>
/// <param name="AsOf">The instant whose law, claims and power phases count.</param>
/// <param name="Position">Ledger position of the state.</param>
/// <param name="Classes">Classes of demand that usable was judged by; with none, every whole free accelerator with
/// power counts.</param>
/// <param name="Rows">Ordered by name; within a name by model.</param>
/// <param name="Total">Sum of the rows.</param>
/// <param name="Power">Facility power under the same names; empty by model and by tenant.</param>
/// <param name="TotalPower">Power of all active sites.</param>
public sealed record CapacityReport(
    CapacityView View, DateTimeOffset AsOf, long Position, int Classes, Seq<CapacityRow> Rows,
    CapacityFigures Total, Seq<PowerRow> Power, PowerFigures TotalPower)
{
    /// <summary>What the figures count.</summary>
    public CapacityUnit Unit { get; private init; }

    /// <summary>Adds up the world. Nothing changes.</summary>
    /// <param name="world">The state.</param>
    /// <param name="law">The policies in force.</param>
    /// <param name="waiting">Requests that were refused for want of room and still wait.</param>
    /// <param name="at">What the rows stand for, and the instant.</param>
    public static CapacityReport Of(
        World world, Law law, Seq<PlacementRequest> waiting, (CapacityView View, DateTimeOffset AsOf) at) =>
        Of(new CapacityQuestion(world, law, waiting, []), at);

    /// <summary>The same, when the agents of some sites have not looked for too long.</summary>
    public static CapacityReport Of(CapacityQuestion question, (CapacityView View, DateTimeOffset AsOf) at)
    {
        var world = question.World;
        var classes = DemandClass.AllOf(world.Requests, question.Waiting);
        var rows = at.View == CapacityView.Tenant ? TenantRows(world, question.Unit) : FleetRows(question, classes, at);
        var ordered = rows.OrderBy(row => row.Name, StringComparer.Ordinal).ThenBy(row => row.Sku).ToSeq();
        var total = ordered.Aggregate(CapacityFigures.None, (sum, row) => sum + row.Accelerators);
        var totalPower = world.Fleet.Sites.Aggregate(
            default(PowerFigures), (sum, site) => sum + PowerOf(world, site, at.AsOf));
        var power = PowerRows(world, at);
        return new(at.View, at.AsOf, world.Position, classes.Count, ordered, total, power, totalPower)
        {
            Unit = question.Unit,
        };
    }

    private static Seq<PowerRow> PowerRows(World world, (CapacityView View, DateTimeOffset AsOf) at)
    {
        if (at.View is CapacityView.Sku or CapacityView.Tenant) return [];
        return world.Fleet.Sites
            .GroupBy(site => NameOf(at.View, site))
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new PowerRow(
                group.Key, group.Aggregate(default(PowerFigures), (sum, site) => sum + PowerOf(world, site, at.AsOf))))
            .ToSeq();
    }

    private static IEnumerable<CapacityRow> FleetRows(
        CapacityQuestion question, Seq<DemandClass> classes, (CapacityView View, DateTimeOffset AsOf) at)
    {
        var pools = PoolFigures.AllOf(question, classes, at.AsOf);
        return pools
            .GroupBy(pool => (Name: NameOf(at.View, pool.Pool), pool.Pool.Sku!.Id))
            .Select(group => new CapacityRow(
                group.Key.Name, group.Key.Id,
                group.Aggregate(CapacityFigures.None, (sum, pool) =>
                    sum + pool.Figures.Times(CapacityUnits.PerAccelerator(question.Unit, pool.Pool)))));
    }

    private static IEnumerable<CapacityRow> TenantRows(World world, CapacityUnit unit)
    {
        var sums = new Dictionary<(TenantId, SkuId), CapacityFigures>();
        foreach (var group in world.Groups().Where(group => group.Request.Unit.NeedsAccelerator))
        {
            // What runs is in pools of its fleet, and what needs accelerators in pools that have some.
            var milli = group.Units * group.Request.Unit.AcceleratorMilli;
            var pool = world.Fleet.FindPool(group.Pool)!;
            var key = (group.Request.Tenant, pool.Sku!.Id);
            var taken = new CapacityFigures
            {
                SoldMilli = group.IsHeld ? 0 : milli,
                HeldMilli = group.IsHeld ? milli : 0,
            };
            sums[key] = sums.GetValueOrDefault(key, CapacityFigures.None)
                + taken.Times(CapacityUnits.PerAccelerator(unit, pool));
        }

        return sums.Select(sum => new CapacityRow(sum.Key.Item1.Value, sum.Key.Item2, sum.Value));
    }

    private static string NameOf(CapacityView view, FleetPool pool) =>
        view == CapacityView.Sku ? pool.Sku!.Id.Value : NameOf(view, pool.Site);

    private static string NameOf(CapacityView view, FleetSite site) => view switch
    {
        CapacityView.Jurisdiction => site.Region.Spec.Jurisdiction.Value,
        CapacityView.Region => site.Region.Id.Value,
        _ => site.Id.Value,
    };

    private static PowerFigures PowerOf(World world, FleetSite site, DateTimeOffset asOf) =>
        site.Spec.Status == SiteStatus.Active
            ? PowerFigures.Of(world, site, asOf)
            : default;
}

/// <summary>What a capacity report is of.</summary>
/// <param name="Waiting">Requests that were refused for want of room and still wait.</param>
/// <param name="Stale">Sites whose agents have not looked for too long: what is free there nobody knows.</param>
public sealed record CapacityQuestion(World World, Law Law, Seq<PlacementRequest> Waiting, Seq<SiteId> Stale)
{
    /// <summary>What to count.</summary>
    public CapacityUnit Unit { get; init; }
}

/// <summary>One line of a capacity report: accelerators of one model under one name.</summary>
public sealed record CapacityRow(string Name, SkuId Sku, CapacityFigures Accelerators);

/// <summary>Facility power under one name of a capacity report.</summary>
public sealed record PowerRow(string Name, PowerFigures Power);
