using ControlPlane.Ledger;
using ControlPlane.Workloads;

namespace ControlPlane.Simulation;

/// <summary>Lets only those move that need nobody, as if nothing were bound; one of the planted defects.</summary>
internal static class LeftBehind
{
    /// <summary>The event as it would be then; null when it would not be.</summary>
    public static LedgerEvent? Of(LedgerState state, LedgerEvent item) => item switch
    {
        PlanLanded { Plan: var plan } => new PlanLanded(plan with
        {
            Moves = plan.Moves.Where(move => !Needs(state, move.Placement)).ToSeq(),
        }),
        MoveStepped stepped when Needs(state, stepped.Placement) => null,
        MoveStepped { Step: Workloads.MoveStep.Undone, Because: "what it is bound to does not go there" } => null,
        _ => item,
    };

    /// <summary>The events without what the law of the coming days would have led elsewhere; another defect.</summary>
    public static IEnumerable<LedgerEvent> Unremedied(List<LedgerEvent> events)
    {
        var remedied = events.OfType<PlanLanded>().Where(landed => landed.Plan.Kind == MoveKind.Remedy)
            .SelectMany(landed => landed.Plan.Moves.Select(move => move.Placement)).ToHashSet();
        return events.Where(item => item is not PlanLanded { Plan.Kind: MoveKind.Remedy }
            && !(item is MoveStepped stepped && remedied.Contains(stepped.Placement)));
    }

    private static bool Needs(LedgerState state, DecisionId id) => state.World.Find(id)?.Request.DependsOn.Count > 0;
}
