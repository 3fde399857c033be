using ControlPlane.Capacity;
using ControlPlane.Regions;

namespace ControlPlane.Server.Capacity;

/// <summary>Writes drills as clients read them, and what is different from the one before.</summary>
internal static class DrillWriter
{
    public static DrillAnswer Of(Fleet fleet, Drill drill)
    {
        var survival = CapacityWriter.Of(fleet, drill.Survival);
        return new DrillAnswer
        {
            Id = Guid.Empty,
            Scenario = survival.Scenario,
            AsOf = survival.AsOf,
            Position = survival.Position,
            StateDigestBefore = "",
            StateDigestAfter = "",
            Broken = drill.IsBroken,
            FenceSeconds = (long)drill.Rates.Fence.TotalSeconds,
            StartSeconds = (long)drill.Rates.Start.TotalSeconds,
            RestoreMibPerSecond = drill.Rates.RestoreMibPerSecond,
            MovesAtOnce = drill.Rates.MovesAtOnce,
            RecoveredWithinSecondsP50 = Seconds(drill.RecoveredWithin(50)),
            RecoveredWithinSecondsP95 = Seconds(drill.RecoveredWithin(95)),
            Moves = [.. drill.Moves.Select((move, index) => Of(fleet, move))],
            LostDatasets = [.. drill.LostData.Select(item => new LostDatasetAnswer(
                item.Dataset.Value, item.Tenant.Value, item.Readers))],
            Shortages = survival.Shortages,
            Purchases = survival.Purchases,
            GapToBound = survival.GapToBound,
        };
    }

    public static DrillSinceAnswer Compare(DrillAnswer before, Drill now)
    {
        var difference = DrillDifference.Of(
            new DrillOutcome(
                before.Moves.Count, before.Moves.Where(move => move.Broken).Select(move =>
                    $"{move.Tenant}/{move.Workload}")
                    .Distinct().Order(StringComparer.Ordinal).ToSeq(),
                before.RecoveredWithinSecondsP95 is { } seconds ? TimeSpan.FromSeconds(seconds) : null),
            DrillOutcome.Of(now));
        return new DrillSinceAnswer(
            before.Id, before.AsOf, [.. difference.NewlyBroken], [.. difference.Mended], difference.DisplacedMore,
            (long)difference.SlowerP95.TotalSeconds);
    }

    private static DrillMoveAnswer Of(Fleet fleet, DrillMove move)
    {
        var request = move.Workload.Placement.Request;
        var written = CapacityWriter.Of(fleet, move.Workload);
        return new DrillMoveAnswer
        {
            Order = move.Order,
            Tenant = request.Tenant.Value,
            Workload = request.Workload,
            Priority = request.Priority,
            Outcome = written.Outcome,
            IsUnlawful = written.IsUnlawful,
            DataSeconds = written.DataSeconds,
            GoesAlong = written.GoesAlong,
            Because = written.Because,
            Displaced = written.Displaced,
            Recovered = written.Recovered,
            From = written.From,
            Targets = written.Targets,
            StartsAfterSeconds = (long)move.StartsAfter.TotalSeconds,
            RecoversAfterSeconds = Seconds(move.RecoversAfter),
            HasLawfulData = move.HasData,
            WaitsForPerson = move.WaitsForPerson,
            PromisedWithinSeconds = Seconds(move.PromisedWithin),
            Broken = move.IsBroken,
        };
    }

    private static long? Seconds(TimeSpan? time) => time is { } known ? (long)known.TotalSeconds : null;
}
