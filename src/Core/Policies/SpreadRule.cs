using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>
/// Demands that units run in several sites or regions. Requests that ask for less are raised; one that cannot be
/// spread that way, such as a gang or a single unit, is refused.
/// </summary>
[FileCase("spread")]
public sealed record SpreadRule : DemandRule
{
    [Description("site or region.")]
    public required SpreadDomain Over { get; init; }

    [Description("Fewest sites or regions.")]
    [Range(2, 1_000)]
    public required int MinDomains { get; init; }

    [Description("Most units that the fullest may hold more than the emptiest; any number when left out.")]
    [Range(0, 4_096)]
    public int? MaxSkew { get; init; }

    public override string Reason => ReasonCode.DemandedSpread;

    public override LawFinding Judge(PlacementRequest asked)
    {
        var over = FileShapes.NameOf(Over.ToString());
        if (asked.Kind == WorkloadKind.Gang)
            return new(false, $"a gang runs in one place; {MinDomains} {over}s are demanded");
        if (asked.Units < MinDomains) return new(false, $"{asked.Units} unit(s) cannot run in {MinDomains} {over}s");
        return asked.Spread is { } spread && spread.Over != Over
            ? new(false,
                $"spread over {FileShapes.NameOf(spread.Over.ToString())}s is asked for, over {over}s is demanded")
            : new(true, $"spreads over at least {MinDomains} {over}s");
    }

    public override PlacementRequest Raise(PlacementRequest asked) => asked with
    {
        Spread = new SpreadNeed(
            Over,
            Math.Max(MinDomains, asked.Spread?.MinDomains ?? 0),
            Math.Min(MaxSkew ?? asked.Units, asked.Spread?.MaxSkew ?? asked.Units)),
    };

    public override LawFinding Judge(Fleet fleet, Placement running)
    {
        var counts = running.Units.Select(unit => fleet.FindPool(unit.Node.Pool)).OfType<FleetPool>()
            .CountBy(
                pool => Over == SpreadDomain.Site ? pool.Site.Id.Value : pool.Region.Id.Value, StringComparer.Ordinal)
            .Select(group => group.Value).ToList();
        var over = FileShapes.NameOf(Over.ToString());
        if (counts.Count < MinDomains)
            return new(false, $"runs in {counts.Count} {over}(s); {MinDomains} are demanded");
        return MaxSkew is { } most && counts.Max() - counts.Min() > most
            ? new(false, $"the fullest {over} holds {counts.Max() - counts.Min()} units more than the emptiest; "
            + $"{most} are allowed")
            : new(true, $"runs in {counts.Count} {over}s");
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path) => [];

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) => other is SpreadRule stricter
        && stricter.Over == Over && stricter.MinDomains >= MinDomains
        && (MaxSkew is not { } most || stricter.MaxSkew <= most);
}
