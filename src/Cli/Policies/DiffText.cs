using System.Globalization;
using ControlPlane.Regions;
using ControlPlane.Reviews;
using ControlPlane.Workloads;

namespace ControlPlane.Cli.Policies;

/// <summary>Says what a change does in words and rows, which every form of the report shares.</summary>
internal static class DiffText
{
    /// <summary>Tenant and workload.</summary>
    public static string NameOf(Placement placement) => $"{placement.Request.Tenant}/{placement.Request.Workload}";

    /// <summary>Sites that units use, or their pools where the fleet does not know them.</summary>
    public static string Where(Fleet fleet, IEnumerable<UnitBinding> units) => string.Join(", ", units
        .Select(unit => fleet.FindPool(unit.Node.Pool)?.Site.Id.Value ?? unit.Node.Pool.Value)
        .Distinct()
        .Order(StringComparer.Ordinal));

    /// <summary>The rules that keep something out, or what it would lose.</summary>
    public static string WhyNot(Standing standing) => standing.Kind == StandingKind.Displaced
        ? standing.Because
        : string.Join(", ", standing.Denials.Select(denial => denial.Rule));

    /// <summary>The first sentence of why something may not stay.</summary>
    public static string Because(Standing standing) =>
        standing.Denials.Count > 0 ? standing.Denials[0].Because : standing.Because;

    /// <summary>Where something would go, in a phrase.</summary>
    public static string Outlook(MoveOutlook outlook, Fleet fleet) => outlook switch
    {
        MovesTo to => $"must move: {Where(fleet, to.Units)} has room ({RoomOf(to, fleet)})",
        Stranded stranded => $"no place: {stranded.Reason}",
        NotSought => "must move; no place was looked for, the change moves too much",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Accelerators, or units where there are none.</summary>
    public static string SizeOf(Placement placement)
    {
        var milli = placement.Request.AcceleratorMilliTotal;
        return milli > 0 ? $"{Accelerators(milli)} accelerators"
            : $"{placement.Units.Count} units without accelerators";
    }

    /// <summary>Thousandths as accelerators.</summary>
    public static string Accelerators(long milli) => (milli / 1000m).ToString("#,0.###", CultureInfo.InvariantCulture);

    /// <summary>Milliwatts as megawatts.</summary>
    public static string Megawatts(long milliwatts) =>
        Math.Round(milliwatts / 1_000_000_000m, 3).ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>A difference with its sign.</summary>
    public static string Signed(string amount) => amount == "0" || amount.StartsWith('-') ? amount : "+" + amount;

    /// <summary>One sentence about the whole.</summary>
    public static string Headline(ChangeEffect effect)
    {
        if (effect.IsEmpty) return "nothing that runs is any different";
        var parts = new List<string>();
        if (effect.NewlyUnlawful.Count > 0)
            parts.Add($"{Count(effect.NewlyUnlawful.Count, "placement")} would become unlawful");
        if (effect.StrandedCount > 0) parts.Add($"{effect.StrandedCount} of them with no lawful place");
        if (effect.NewlyLawful.Count > 0)
            parts.Add($"{Count(effect.NewlyLawful.Count, "placement")} would become lawful");
        var lost = effect.LosesFailover.Count();
        if (lost > 0) parts.Add($"{Count(lost, "placement")} would lose every failover site");
        if (effect.NewlyOverdrawn.Count > 0)
            parts.Add($"{Count(effect.NewlyOverdrawn.Count, "site")} would be overdrawn");
        return parts.Count > 0 ? string.Join(", ", parts) : "nothing that runs has to move";
    }

    public static string Count(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string RoomOf(MovesTo to, Fleet fleet)
    {
        var size = SizeOf(to.Placement);
        var sku = fleet.FindPool(to.Units[0].Node.Pool)?.Sku?.Id.Value;
        return sku is null || to.Placement.Request.AcceleratorMilliTotal == 0 ? size : $"{size}, {sku}";
    }
}
