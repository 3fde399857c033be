using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Tries out where placements that are bound to each other would go: first those that have to leave, near those that
/// stay; then all of them together. What finds no such place keeps the whole group where it is.
/// </summary>
internal sealed class GroupSearch(World world, IGroupPlacing placing)
{
    /// <summary>Decisions in one attempt; a group is small, and most find a place with the first.</summary>
    private const int MostTries = 256;

    private readonly HashSet<DecisionId> torn = [];
    private int tries;
    private (string Workload, string Reason)? failed;

    /// <summary>Remembers what is apart already; nothing of that can be held against a plan.</summary>
    public void Begin()
    {
        foreach (var id in world.Dependents)
        {
            if (!Dependencies.Hold(world, world.Find(id)!)) torn.Add(id); // it is there
        }
    }

    /// <summary>Dependents that are apart now and were not when it began.</summary>
    public IEnumerable<DecisionId> TornSince() => world.Dependents.Where(id => !IsWhole(id));

    public (IEnumerable<GroupMove> Moves, IEnumerable<GroupStay> Stays) Run(
        Seq<DecisionId> group, Func<Placement, Seq<UnitBinding>> leaving)
    {
        var members = group.Select(id => world.Find(id)!).ToList(); // a group is made of what is there
        var leavers = members.Where(member => member.Move is null)
            .Select(member => (Member: member, Units: leaving(member)))
            .Where(item => item.Units.Count > 0)
            .ToList();
        if (WhyStay(members, leavers) is { } stays) return ([], stays);
        failed = null;
        if (Attempt(group, leavers) is { } moves) return (moves, []);
        if (placing.GoesTogether && leavers.Count < members.Count
            && members.TrueForAll(member => placing.WhyStays(member, members.Count) is null)
            && Attempt(group, members.ConvertAll(member => (member, member.Units))) is { } all) return (all, []);
        return ([], leavers.Select(item => new GroupStay(item.Member.Id, GroupStay.Bound, WhyNowhere(members))));
    }

    /// <summary>What keeps one of them keeps all of them.</summary>
    private IEnumerable<GroupStay>? WhyStay(
        List<Placement> members, List<(Placement Member, Seq<UnitBinding> Units)> leavers)
    {
        if (members.Find(member => member.Move is not null) is { } moving)
            return Because($"'{moving.Request.Workload}', to which it is bound, is on its way");
        foreach (var (member, _) in leavers)
        {
            if (placing.WhyStays(member, leavers.Count) is not { } why) continue;
            return Because($"'{member.Request.Workload}', to which it is bound, stays: {why.Because}")
                .Select(stay => stay.Placement == member.Id ? why : stay);
        }

        return null;

        IEnumerable<GroupStay> Because(string sentence) =>
            leavers.Select(item => new GroupStay(item.Member.Id, GroupStay.Bound, sentence));
    }

    private List<GroupMove>? Attempt(
        Seq<DecisionId> group, List<(Placement Member, Seq<UnitBinding> Units)> leavers)
    {
        tries = 0;
        var mark = world.Mark();
        var found = new List<GroupMove>();
        var bound = new Bound(group, leavers, found);
        if (Place(bound, 0)) return found;
        world.UndoTo(mark, world.Position);
        return null;
    }

    /// <summary>Places one after the other; where a later one finds no place, an earlier one tries another.</summary>
    private bool Place(Bound bound, int index)
    {
        if (index == bound.Leavers.Count) return true;
        var (member, units) = bound.Leavers[index];
        var own = units.Select(unit => world.Fleet.FindPool(unit.Node.Pool)!.Site.Id).ToHashSet();
        var pending = bound.Leavers.Skip(index + 1).Select(item => item.Member.Id).ToHashSet();
        SiteId? only = null;
        foreach (var site in world.Fleet.Sites.Select(site => (SiteId?)site.Id).Prepend(null))
        {
            // The first try is anywhere; one that came to lie at a single site is not made again there.
            if (site is not null && (site == only || own.Contains(site.Value))) continue;
            if (++tries > MostTries) return false;
            var mark = world.Mark();
            var decision = placing.Place(
                member, units, pool => !own.Contains(pool.Site.Id) && (site is null || pool.Site.Id == site));
            if (decision is Placed placed)
            {
                bound.Found.Add(new GroupMove(member.Id, units, placed.Units, placed.Score));
                if (bound.Group.All(id => pending.Contains(id) || IsWhole(id)) && Place(bound, index + 1)) return true;
                bound.Found.RemoveAt(bound.Found.Count - 1);
                if (site is null) only = SiteOf(placed.Units);
            }
            else failed ??= (member.Request.Workload, RefusalSentence.ReasonOf(decision));

            world.UndoTo(mark, world.Position);
            // Where nowhere is room there is none at any one site.
            if (site is null && decision is not Placed) return false;
        }

        return false;
    }

    private SiteId? SiteOf(Seq<UnitBinding> units)
    {
        var sites = units.Select(unit => world.Fleet.FindPool(unit.Node.Pool)!.Site.Id).Distinct().ToList();
        return sites.Count == 1 ? sites[0] : null;
    }

    private bool IsWhole(DecisionId id) => torn.Contains(id) || Dependencies.Hold(world, world.Find(id)!);

    private string WhyNowhere(List<Placement> members)
    {
        var names = string.Join(", ", members.Select(member => member.Request.Workload)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        return failed is { } first
            ? $"{names} move only together, and '{first.Workload}' finds no place: {RefusalSentence.Of(first.Reason)}"
            : $"{names} move only together, and no place takes them all";
    }

    private sealed record Bound(
        Seq<DecisionId> Group, List<(Placement Member, Seq<UnitBinding> Units)> Leavers, List<GroupMove> Found);
}
