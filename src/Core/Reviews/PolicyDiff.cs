using ControlPlane.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Reviews;

/// <summary>
/// Works out what a change of regions or policies would do to what runs, by the engine that places workloads: nothing
/// is changed, and the same arguments give the same effect.
/// </summary>
public static class PolicyDiff
{
    /// <summary>
    /// Moves for which a place is looked for; a change that moves more is wrong whatever their places.
    /// </summary>
    public const int MostMovesSought = 1_000;

    /// <param name="question">What runs, and when.</param>
    /// <param name="before">The base side.</param>
    /// <param name="after">The head side.</param>
    /// <param name="mostMoves">Moves for which a place is looked for.</param>
    public static ChangeEffect Of(
        ReviewQuestion question, ReviewSide before, ReviewSide after, int mostMoves = MostMovesSought)
    {
        var (basis, head) = (new SideView(before, question), new SideView(after, question));
        var unlawful = new List<StandingChange>();
        var lawful = new List<StandingChange>();
        var failover = new List<FailoverChange>();
        var stillUnlawful = 0;
        foreach (var placement in question.Running)
        {
            switch (basis.MayStay(placement), head.MayStay(placement))
            {
                case (true, true):
                    if (FailoverOf(placement, basis, head) is { } change) failover.Add(change);
                    break;
                case (true, false):
                    unlawful.Add(new(placement, basis.StandingOf(placement), head.StandingOf(placement)));
                    break;
                case (false, true):
                    lawful.Add(new(placement, basis.StandingOf(placement), head.StandingOf(placement)));
                    break;
                default:
                    stillUnlawful++;
                    break;
            }
        }

        var overdrawn = basis.Overdrawn().Select(site => site.Site).ToHashSet();
        var newlyOverdrawn = head.Overdrawn().Where(site => !overdrawn.Contains(site.Site)).ToSeq();
        var open = CapacityChanges.Open(question, basis, head);
        var inOrder = InOrder(unlawful);
        var moves = Moves(inOrder, head, question.AsOf, mostMoves);
        return new ChangeEffect
        {
            Judged = question.Running.Count,
            NewlyUnlawful = inOrder,
            NewlyLawful = InOrder(lawful),
            StillUnlawful = stillUnlawful,
            MustMove = moves,
            Failover = failover.ToSeq(),
            Capacity = CapacityChanges.Declared(question, (basis, head), moves),
            Open = open,
            NewlyOverdrawn = newlyOverdrawn,
        };
    }

    private static FailoverChange? FailoverOf(Placement placement, SideView basis, SideView head)
    {
        var (before, after) = (basis.ReachOf(placement).Sites, head.ReachOf(placement).Sites);
        // Most changes leave most kinds of work alone; then nothing has to be built for each of them.
        if (before == after) return null;
        var own = placement.Units.Select(unit => basis.Side.Fleet.FindPool(unit.Node.Pool)!.Site.Id).ToHashSet();
        var change = new FailoverChange(
            placement, before.Where(site => !own.Contains(site)).ToSeq(), after.Where(site => !own.Contains(site))
                .ToSeq());
        return change.Before == change.After ? null : change;
    }

    /// <summary>Looks for a place for each in turn; what was found is taken for those that follow.</summary>
    private static Seq<MoveOutlook> Moves(Seq<StandingChange> changes, SideView head, DateTimeOffset asOf, int most)
    {
        var outlooks = new List<MoveOutlook>();
        foreach (var (placement, _, _) in changes)
        {
            if (outlooks.Count >= most)
            {
                outlooks.Add(new NotSought(placement));
                continue;
            }

            var stays = !head.IsDisplaced(placement.Id);
            if (stays) head.World.Remove(placement.Id);
            switch (Placer.Decide(head.World, head.Law, placement.Request, asOf))
            {
                case Placed placed:
                    head.World.Add(placement with { Units = placed.Units, Epoch = placement.Epoch + 1 });
                    outlooks.Add(new MovesTo(placement, placed.Units));
                    break;
                case Refused refused:
                    if (stays) head.World.Add(placement);
                    outlooks.Add(new Stranded(placement, refused.Reason));
                    break;
            }
        }

        return outlooks.ToSeq();
    }

    private static Seq<StandingChange> InOrder(List<StandingChange> changes) => changes
        .OrderByDescending(change => change.Placement.Request.Priority)
        .ThenBy(change => change.Placement.DecidedAt)
        .ThenBy(change => change.Placement.Id)
        .ToSeq();
}
