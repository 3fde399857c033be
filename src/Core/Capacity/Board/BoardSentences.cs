using System.Globalization;
using System.Text;

namespace ControlPlane.Capacity.Board;

/// <summary>Writes what the figures say, in sentences, with what has to be decided.</summary>
internal static class BoardSentences
{
    private const int MostNamed = 4;

    public static void Write(StringBuilder page, BoardReport report)
    {
        page.Append("<section class=\"says\">\n<h2>In short</h2>\n<ul>\n");
        foreach (var sentence in Sentences(report))
            page.Append(CultureInfo.InvariantCulture, $"<li>{BoardHtml.Escape(sentence)}</li>\n");
        page.Append("</ul>\n</section>\n");
    }

    /// <summary>Region and model of an outlook, or its power.</summary>
    public static string NameOf(Outlook outlook) => $"{outlook.Region} {outlook.Sku?.Value ?? "power"}";

    private static IEnumerable<string> Sentences(BoardReport report)
    {
        var all = report.ByJurisdiction.Total;
        yield return $"{BoardHtml.Whole(all.FreeMilli)} of {BoardHtml.Whole(all.AllocatableMilli)} accelerators are "
            + $"free. "
            + $"{BoardHtml.Whole(all.UsableMilli)} of them are of use to work that runs or waits today; "
            + $"{BoardHtml.Whole(all.StrandedByLawMilli)} are closed to all of it by law, "
            + $"{BoardHtml.Whole(all.StrandedByClaimMilli)} by a claim that ended, "
            + $"{BoardHtml.Whole(all.StrandedByAgentMilli)} by an agent that is silent, "
            + $"{BoardHtml.Whole(all.StrandedByPowerMilli)} have no power, "
            + $"{BoardHtml.Whole(all.StrandedByFragmentsMilli)} are fragments.";
        if (report.Waiting.Count > 0)
            yield return $"{report.Waiting.Count} refused request(s) still wait for room, for "
                + $"{BoardHtml.Accelerators(report.Waiting.Sum(item => item.AcceleratorMilliTotal))} accelerators.";
        yield return Power(report);
        foreach (var sentence in Losses(report)) yield return sentence;
        foreach (var sentence in Orders(report)) yield return sentence;
    }

    private static string Power(BoardReport report)
    {
        var power = report.ByJurisdiction.TotalPower;
        var (now, then) = (Sum(report.Growth[0]), Sum(report.Growth[^1]));
        var growth = then > now
            ? $" Contracts of all sites grow from {BoardHtml.Megawatts(now)} MW today to {BoardHtml.Megawatts(then)} "
                + $"MW "
                + $"on {report.Growth[^1].From.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}."
            : "";
        return $"Active sites draw {BoardHtml.Megawatts(power.DrawnMilliwatts)} of "
            + $"{BoardHtml.Megawatts(power.ContractMilliwatts)} MW at full use of what is sold.{growth}";
    }

    private static decimal Sum(BoardGrowth step) => step.Parts.Sum(part => part.Megawatts);

    private static IEnumerable<string> Losses(BoardReport report)
    {
        var broken = report.Scenarios.Where(scenario => !scenario.Survives).ToList();
        if (report.Survival.Survived == report.Survival.Assessed)
        {
            yield return $"All {report.Survival.Assessed} losses that were played through are survived: every workload "
                + "finds a lawful place at once with all others.";
            yield break;
        }

        yield return $"{report.Survival.Assessed - report.Survival.Survived} of {report.Survival.Assessed} losses "
            + $"are not "
            + $"survived in full; the heaviest: "
                + $"{string.Join(", ", broken.Take(MostNamed).Select(item => item.Scenario))}.";
        var worst = broken[0];
        if (worst.Purchases.Count > 0)
            yield return $"{worst.Scenario} would be closed by {worst.Purchases.Sum(item => item.Nodes)} nodes in "
                + $"{worst.Purchases.Count} pools "
                    + $"({BoardHtml.Megawatts(worst.Purchases.Sum(item => item.FacilityMilliwatts))}"
                + " MW), as far as a purchase can close it.";
    }

    private static IEnumerable<string> Orders(BoardReport report)
    {
        var late = report.Outlooks.Where(item => item.IsLate(report.AsOf)).ToList();
        if (late.Count > 0)
            yield return $"Order now: {string.Join(", ", late.Take(MostNamed).Select(NameOf))} may run out before an "
                + $"order "
                + "placed today is of use.";
        var mute = report.Outlooks.Count(item => item.Forecast is HistoryTooShort);
        if (mute > 0) yield return $"{mute} series are too short to be forecast; no line is drawn for them.";
        if (report.Outlooks.Count == 0) yield return "There is no usage history yet, so nothing is forecast.";
    }
}
