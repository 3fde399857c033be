using ControlPlane.Cells;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Cells;

/// <summary>
/// Adds to a refusal which other cells the caller might ask, judged here by the policies here. Nothing is asked of
/// anybody for it.
/// </summary>
internal sealed class ElsewhereDesk(Func<CellTable> known, Func<(Fleet Fleet, PolicySet Policies)> law)
{
    private readonly Lock gate = new();
    private Law? judged;

    public static ElsewhereDesk None { get; } = new(() => CellTable.Empty, () => (Fleet.Empty, PolicySet.None));

    /// <summary>Refusals for which another place may help; a quota or a contradiction goes along.</summary>
    private static readonly string[] helpable =
    [
        RefusalReason.NoLawfulRegion, RefusalReason.NoActiveSite, RefusalReason.NoCapableHardware,
        RefusalReason.NoCapacity,
    ];

    /// <summary>Whether there is any other cell to tell of.</summary>
    public bool KnowsOthers => law().Fleet.Cell is { } own && known().Cells.Any(cell => cell.Cell != own.Cell);

    public PlacementAnswer Complete(PlacementAnswer answer, PlacementRequest request, Caller caller)
    {
        if (answer.Refusal is not { } refusal || !helpable.Contains(refusal.Reason)) return answer;
        var (fleet, policies) = law();
        if (fleet.Cell is not { } own) return answer;
        var table = known();
        var others = table with { Cells = table.Cells.Where(cell => cell.Cell != own.Cell).ToSeq() };
        if (others.Cells.Count == 0) return answer;
        var offers = Find(fleet.Whole, policies, request, others)
            .Where(offer => caller.Reaches(fleet, offer.Jurisdiction));
        return answer with
        {
            Refusal = refusal with { Elsewhere = offers.Select(Of).ToList() is { Count: > 0 } found ? found : null },
        };
    }

    private Seq<CellOffer> Find(Fleet whole, PolicySet policies, PlacementRequest request, CellTable others)
    {
        // One thread uses a law at a time; refusals are few.
        lock (gate)
        {
            if (judged?.Fleet != whole || !ReferenceEquals(judged.Policies, policies))
                judged = new Law(whole, policies);
            return Elsewhere.Find(judged, request, others, DateTimeOffset.UtcNow);
        }
    }

    private static ElsewhereAnswer Of(CellOffer offer) => new()
    {
        Cell = offer.Cell.Value,
        Jurisdiction = offer.Jurisdiction.Value,
        Region = offer.Region.Value,
        Url = offer.Url.OriginalString,
        Units = offer.Units,
        AgeSeconds = offer.AgeSeconds,
    };
}
