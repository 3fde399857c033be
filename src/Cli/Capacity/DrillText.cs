using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Capacity;

/// <summary>Says in a few lines what a drill found.</summary>
internal static class DrillText
{
    public static void Print(Screen screen, JsonElement drill, List<JsonElement> moves)
    {
        int Count(string outcome) => moves.Count(move => move.Text("outcome") == outcome);
        screen.Line($"DRILL (no change made)  {drill.Text("scenario")}: {moves.Count} workloads displaced");
        screen.Line($"  recovers lawfully  {Count("recovers")}"
            + (drill.Has("recoveredWithinSecondsP50")
                ? $"   back within {drill.Text("recoveredWithinSecondsP50")} s for half, "
                    + $"{drill.Text("recoveredWithinSecondsP95")} s for 95 %"
                : ""));
        screen.Line($"  degraded           {Count("degraded")}");
        screen.Line($"  no room            {Count("noRoom")}");
        screen.Line($"  no hardware        {Count("noCapableHardware")}");
        screen.Line($"  no lawful place    {Count("noLawfulPlace")}");
        screen.Line($"  not together       {Count("notTogether")}");
        screen.Line($"  data               {moves.Count(move => !move.Flag("hasLawfulData"))} without a lawful copy");
        foreach (var item in drill.Items("lostDatasets"))
            screen.Line($"  data lost          {item.Text("dataset")} of {item.Text("tenant")}: no lawful copy is "
                + $"left; workloads that read it: {item.Text("readers")}");
        screen.Line($"  fence              {drill.Text("fenceSeconds")} s before any start elsewhere");
        screen.Line($"  rates              start {drill.Text("startSeconds")} s, restore "
            + $"{drill.Text("restoreMibPerSecond")} MiB/s, {drill.Text("movesAtOnce")} moves to a region at once");
        foreach (var item in drill.Items("shortages"))
            screen.Line($"  missing            {item.Text("accelerators")} {item.Text("sku")}, {item.Text("units")} "
                + $"units, "
                + $"{item.Text("megawatts")} MW");
        foreach (var item in drill.Items("purchases"))
            screen.Line($"  would close it     {item.Text("nodes")} nodes for {item.Text("nodePool")}, "
                + $"{item.Text("megawatts")} MW");
        if (drill.Has("since")) Since(screen, drill.Field("since"));
        screen.Line(drill.Flag("broken") ? "  PROMISES BROKEN" : "  every promise holds");
        screen.Line("");
    }

    private static void Since(Screen screen, JsonElement since)
    {
        var (broken, mended) = (since.Text("newlyBroken"), since.Text("mended"));
        screen.Line($"  since {since.Text("asOf")}: {since.Text("displacedMore")} more displaced, "
            + $"{since.Text("slowerSecondsP95")} s slower for 95 %"
            + (broken.Length > 0 ? $"; newly broken: {broken}" : "") + (mended.Length > 0 ? $"; mended: {mended}"
                : ""));
    }
}
