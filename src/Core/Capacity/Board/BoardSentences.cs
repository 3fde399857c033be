using System.Globalization;
using System.Text;

namespace ControlPlane.Capacity.Board;

/// <summary>Writes what the figures say, in sentences, with what has to be decided.</summary>
internal static class BoardSentences
{
    private const int MostNamed = 4;

    /// <summary>Part of what ordinary work may use below which little is left.</summary>
    private const double NarrowShare = 0.1;

    public static void Write(StringBuilder page, BoardReport report)
    {
        page.Append("<section class=\"says\">\n<h2>In short</h2>\n<ul>\n");
        foreach (var sentence in Sentences(report))
            page.Append(CultureInfo.InvariantCulture, $"<li>{BoardHtml.Escape(sentence)}</li>\n");
        page.Append("</ul>\n</section>\n");
    }

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
            yield return $"{Counted(report.Waiting.Count, "refused request")} still "
                + $"{(report.Waiting.Count == 1 ? "waits" : "wait")} for room, for "
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
                + $"{string.Join("; ", broken.Take(MostNamed).Select(item => report.NameOfLoss(item.Scenario)))}.";
        var worst = broken[0];
        if (worst.Purchases.Count > 0)
            yield return $"{Counted(worst.Purchases.Sum(item => item.Nodes), "node")} in "
                + $"{Counted(worst.Purchases.Count, "pool")} "
                + $"({BoardHtml.Megawatts(worst.Purchases.Sum(item => item.FacilityMilliwatts))} MW) would close the "
                + $"gap when {report.NameOfLoss(worst.Scenario)}, as far as a purchase can close it.";
    }

    private static IEnumerable<string> Orders(BoardReport report)
    {
        var due = report.Outlooks.Where(item => item.OrderBy is not null).ToList();
        foreach (var outlook in due.Take(MostNamed))
            yield return $"{report.NameOf(outlook)}: {OutlookSection.Says(outlook, report.AsOf)}";
        if (due.Count > MostNamed)
            yield return $"{due.Count - MostNamed} more have to be ordered; they stand in the table below.";
        var narrow = Narrow(report).ToList();
        if (narrow.Count > 0)
            yield return $"Nearly full for ordinary work, whatever the model: {string.Join("; ", narrow)}. What may "
                + "only run there soon finds no room.";
        if (due.Count == 0 && narrow.Count == 0 && report.Outlooks.Any(item => item.Forecast is ForecastMade))
            yield return "Nothing has to be ordered now: what may run out has lawful room otherwise, as far as the "
                + "past lets anybody look.";
        var mute = report.Outlooks.Where(item => item.Forecast is HistoryTooShort).ToList();
        var jumped = mute.Count(item => item.Forecast.Since is not null);
        if (jumped > 0)
            yield return $"{jumped} series jumped lately, and too little is known since; no line is drawn for them.";
        if (mute.Count > jumped)
            yield return $"{mute.Count - jumped} series are too short to be forecast; no line is drawn for them.";
        if (report.Outlooks.Count == 0) yield return "There is no usage history yet, so nothing is forecast.";
    }

    /// <summary>Jurisdictions in which little is left beside reserves.</summary>
    private static IEnumerable<string> Narrow(BoardReport report) => report.ByJurisdiction.Rows
        .GroupBy(row => row.Name, StringComparer.Ordinal)
        .Select(group => (Name: report.NameOf(group.Key),
            Sum: group.Aggregate(CapacityFigures.None, (sum, row) => sum + row.Accelerators)))
        .Select(item => (item.Name, Left: item.Sum.FreeMilli - item.Sum.ReservedMilli,
            Of: item.Sum.AllocatableMilli - item.Sum.ReservedMilli))
        .Where(item => item.Of > 0 && item.Left < NarrowShare * item.Of)
        .OrderByDescending(item => item.Of).ThenBy(item => item.Name, StringComparer.Ordinal).Take(MostNamed)
        .Select(item => $"{item.Name}, {BoardHtml.Whole(item.Left)} of {BoardHtml.Whole(item.Of)} left");

    /// <summary>A number with its noun.</summary>
    public static string Counted(long count, string noun) =>
        $"{count.ToString("#,0", CultureInfo.InvariantCulture)} {noun}{(count == 1 ? "" : "s")}";
}
