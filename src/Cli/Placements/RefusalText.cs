using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Placements;

/// <summary>Prints the reasons that every refusal carries.</summary>
internal static class RefusalText
{
    public static void Print(Screen screen, JsonElement answer)
    {
        var reasons = answer.Items("refusal.reasons")
            .Select(reason => new ReasonRow(
                reason.Text("reason"),
                reason.Text("rule"),
                reason.Whole("sites"),
                reason.Flag("negotiable") ? "see below" : "",
                reason.Text("detail")))
            .ToList();
        if (reasons.Count > 0)
        {
            ReasonTable.Print(screen, $"Why not any of the {reasons.Sum(reason => reason.Sites)} sites", reasons);
            var first = ReasonTable.Ordered(reasons).First();
            screen.Line($"  Deciding rule   {first.Rule}: {first.Because}");
        }

        PrintEnd(screen, answer);
    }

    /// <summary>
    /// What is told after the reasons: clauses that exclude each other, and the nearest request that would do.
    /// </summary>
    public static void PrintEnd(Screen screen, JsonElement answer)
    {
        var clauses = answer.Text("refusal.contradicting");
        if (clauses.Length > 0) screen.Line($"  Contradiction   {clauses}");
        if (answer.Text("refusal.preemption") is { Length: > 0 } barred) screen.Line($"  Preemption      {barred}");
        screen.Line($"  Nearest change  {ChangeText.Nearest(answer)}");
        foreach (var offer in answer.Items("refusal.elsewhere"))
        {
            screen.Line(
                $"  Elsewhere       cell {offer.Text("cell")} ({offer.Text("jurisdiction")}) may have room in "
                + $"{offer.Text("region")}, by numbers of {offer.Text("ageSeconds")} s ago; "
                + $"ask at {offer.Text("url")}");
        }
    }
}
