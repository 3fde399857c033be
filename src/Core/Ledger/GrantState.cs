using System.Globalization;

namespace ControlPlane.Ledger;

/// <summary>A grant with what was used of it, and how it ended if it did.</summary>
public sealed record GrantState(AgentGrant Grant)
{
    /// <summary>Thousandths of accelerators that it holds.</summary>
    public long AcceleratorMilli { get; init; }

    /// <summary>Beginning of the window that the following counts.</summary>
    public DateTimeOffset WindowFrom { get; init; } = Grant.From;

    public int Moves { get; init; }

    /// <summary>Sites touched in the window, in order.</summary>
    public Seq<SiteId> Sites { get; init; }

    /// <summary>Regions touched in the window, in order.</summary>
    public Seq<RegionId> Regions { get; init; }

    /// <summary>When and why it was ended; null while nobody did.</summary>
    public GrantEnd? End { get; init; }

    /// <summary>Whether nothing can be done by it any more.</summary>
    public bool IsOver(DateTimeOffset now) => End is not null || now >= Grant.Until;

    /// <summary>The same in the window of an instant.</summary>
    public GrantState InWindowOf(DateTimeOffset now)
    {
        var window = Grant.Budget.Window;
        var from = Grant.From + (Math.Max(0, (now - Grant.From).Ticks / window.Ticks) * window);
        return from == WindowFrom ? this : this with { WindowFrom = from, Moves = 0, Sites = [], Regions = [] };
    }

    /// <summary>The same after so much more was used.</summary>
    public GrantState With(AgentUse use, DateTimeOffset now)
    {
        var before = InWindowOf(now);
        return before with
        {
            AcceleratorMilli = before.AcceleratorMilli + use.AcceleratorMilli,
            Moves = before.Moves + use.Moves,
            Sites = before.Sites.Union(use.Sites).Order().ToSeq(),
            Regions = before.Regions.Union(use.Regions).Order().ToSeq(),
        };
    }

    /// <summary>Which bound using so much more would break; null when none.</summary>
    public string? Exceeds(AgentUse use, DateTimeOffset now)
    {
        var (after, budget) = (With(use, now), Grant.Budget);
        if (use.AcceleratorMilli > 0 && after.AcceleratorMilli > budget.Accelerators * 1000L)
        {
            var (would, holds) = (after.AcceleratorMilli / 1000m, AcceleratorMilli / 1000m);
            return Text($"it holds {holds} accelerators and would hold {would} of {budget.Accelerators}");
        }

        var ends = after.WindowFrom + budget.Window;
        if (use.Moves > 0 && after.Moves > budget.Moves)
            return Text($"it would move {after.Moves} placements of {budget.Moves} in the window until {ends:O}");
        if (after.Sites.Count > budget.Sites && use.Sites.Count > 0)
            return Text($"it would touch {after.Sites.Count} sites of {budget.Sites} in the window until {ends:O}");
        return after.Regions.Count > budget.Regions && use.Regions.Count > 0
            ? Text($"it would touch {after.Regions.Count} regions of {budget.Regions} in the window until {ends:O}")
            : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>When, why and by whom a grant was ended, or all software agents stopped.</summary>
public sealed record GrantEnd(DateTimeOffset At, string Because, string By);
