namespace ControlPlane.Capacity;

/// <summary>What of a drill is kept to compare the next one with.</summary>
/// <param name="Broken">Workloads, as tenant/name, for which a promise did not hold; ordered.</param>
/// <param name="RecoveredWithinP95">Time within which 95 of 100 of what recovered were back.</param>
public sealed record DrillOutcome(int Displaced, Seq<string> Broken, TimeSpan? RecoveredWithinP95)
{
    public static DrillOutcome Of(Drill drill) => new(
        drill.Moves.Count,
        drill.Moves.Where(move => move.IsBroken).Select(move => NameOf(move)).Distinct()
            .Order(StringComparer.Ordinal).ToSeq(),
        drill.RecoveredWithin(95));

    public static string NameOf(DrillMove move) =>
        $"{move.Workload.Placement.Request.Tenant}/{move.Workload.Placement.Request.Workload}";
}

/// <summary>What is different from the drill before.</summary>
public sealed record DrillDifference(Seq<string> NewlyBroken, Seq<string> Mended, int DisplacedMore, TimeSpan SlowerP95)
{
    public static DrillDifference Of(DrillOutcome before, DrillOutcome now) => new(
        now.Broken.Except(before.Broken).ToSeq(), before.Broken.Except(now.Broken).ToSeq(),
        now.Displaced - before.Displaced,
        (now.RecoveredWithinP95 ?? TimeSpan.Zero) - (before.RecoveredWithinP95 ?? TimeSpan.Zero));
}
