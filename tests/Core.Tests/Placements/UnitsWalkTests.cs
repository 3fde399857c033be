using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

public sealed class UnitsWalkTests
{
    [Fact]
    public void Several_units_are_divided_to_the_byte_as_by_looking_at_every_pool()
    {
        var (warm, placed, full, anywhere) = (0, 0, 0, 0);
        Seeds.ForEach(600, dice =>
        {
            var world = RandomWorld.Of(dice, new FleetSize(4, 3, 2, 2, 6, 8, 3), dice.Int(0, 10));
            var requests = Enumerable.Range(0, dice.Int(1, 4)).Select(_ => Several(dice, world)).ToList();
            var asked = new Dictionary<PlacementRequest, int>();
            for (var step = 0; step < 30; step++)
            {
                var request = dice.Pick<PlacementRequest>(requests);
                var scanned = Scan(world, request);

                var decided = world.TryPlace(request, new DecisionId(dice.Guid()), hold: false);

                Assert.Equal(DecisionCodec.ToBytes(scanned), DecisionCodec.ToBytes(decided));
                asked[request] = asked.GetValueOrDefault(request) + 1;
                warm += asked[request] > 2 ? 1 : 0;
                placed += decided is Placed && asked[request] > 2 ? 1 : 0;
                anywhere += decided is Placed && asked[request] > 2 && request.Spread is null ? 1 : 0;
                full += decided is Refused { Reason: RefusalReason.NoCapacity or RefusalReason.QuotaExceeded } ? 1 : 0;
                if (Change(dice, world)) asked.Clear();
            }
        });
        Assert.True(
            warm > 5000 && placed > 1000 && full > 1000 && anywhere > 500,
            $"{warm} were remembered, {placed} of them placed, {anywhere} anywhere, {full} refused: too easy");
    }

    [Fact]
    public void Units_are_divided_as_it_is_defined_whatever_the_rooms_costs_and_caps()
    {
        var (divided, not) = (0, 0);
        Seeds.ForEach(4_000, dice =>
        {
            var world = RandomWorld.Of(dice, new FleetSize(4, 4, 1, 2, 2, 2, 1), 0);
            var units = dice.Int(1, 24);
            var spread = new SpreadNeed(
                dice.Pick(SpreadDomain.Site, SpreadDomain.Region), dice.Int(1, Math.Min(units, 6)), dice.Int(0, 4));
            var domains = Domains(dice, world, units, spread.Over);
            var open = domains.ConvertAll(domain => new OpenDomain(
                domain.Index, domain.Room, domain.Cost, domain.Region.Index, domain.RegionCap));
            var split = new SpreadSplit(units, spread);
            split.TrySplit(Domains(dice, world, units, spread.Over)); // what it did before must not matter

            var isDivided = split.TrySplit(domains);

            var expected = SpreadOracle.Split(units, spread, open);
            Assert.Equal(expected is not null, isDivided);
            if (expected is not null)
                Assert.Equal(expected, split.Chosen.ToDictionary(domain => domain.Index, domain => domain.Units));
            divided += isDivided ? 1 : 0;
            not += isDivided ? 0 : 1;
        });
        Assert.True(divided > 1000 && not > 500, $"{divided} were divided and {not} not: too easy");
    }

    [Fact]
    public void What_is_spread_again_allocates_the_decision_and_nothing_else()
    {
        var placed = 0;
        Seeds.ForEach(40, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, 10);
            world = world.On(world.Declared, PolicySet.None);
            var request = Spread(dice, world);
            var question = new Question(world.World, world.Law, request, world.AsOf);
            var walk = new UnitsWalk(question, Placer.Usable(question, LawSubject.Of(request)));
            if (walk.Length == 0) return;
            walk.Find(question);

            var before = GC.GetAllocatedBytesForCurrentThread();
            var decided = walk.Find(question);
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;

            Assert.InRange(bytes, 0, decided is Placed ? 128 + (32 * request.Units) : 64);
            placed += decided is Placed ? 1 : 0;
        });
        Assert.True(placed > 10, $"only {placed} were placed: too easy");
    }

    /// <summary>Random domains of a world without work, each site with one pool or two.</summary>
    private static List<DomainRoom> Domains(Dice dice, RandomWorld world, int units, SpreadDomain over)
    {
        var sites = world.World.Fleet.Pools.GroupBy(pool => pool.Site).Select(pools =>
        {
            var candidates = pools.Select(pool => new Candidate(pool, dice.Int(0, 2))
            {
                Room = dice.Int(0, units), Cost = dice.Int(0, 4),
            }).ToList();
            var site = new SiteRoom(pools.Key, powerLimit: dice.Pick(long.MaxValue, dice.Int(0, 20)), candidates);
            return site.Weigh(world.World, dice.Pick(long.MaxValue, dice.Int(0, units)));
        });
        var caps = world.World.Fleet.Regions.ToDictionary(
            region => region.Index, _ => dice.Chance(50) ? long.MaxValue : dice.Int(0, units));
        return
        [
            .. sites.GroupBy(site => over == SpreadDomain.Site ? site.Site.Index : site.Site.Region.Index)
                .Select(ofDomain => new DomainRoom(over, [.. ofDomain]))
                .Select(domain => domain.Weigh(caps[domain.Region.Index])),
        ];
    }

    /// <summary>Changes the world between two decisions; true when it was more than work that comes and goes.</summary>
    private static bool Change(Dice dice, RandomWorld random)
    {
        var world = random.World;
        if (world.Placements.Count > 0 && dice.Chance(40)) world.Remove(dice.Pick<Placement>([.. world.Placements]).Id);
        if (dice.Chance(10))
        {
            var mark = world.Mark();
            random.TryPlace(Several(dice, random), new DecisionId(dice.Guid()), hold: false);
            world.UndoTo(mark, world.Position);
        }

        if (world.Fleet.Pools.Count == 0 || !dice.Chance(8)) return false;
        var pool = dice.Pick(world.Fleet.Pools);
        if (dice.Chance(50))
        {
            world.Set(new SiteCondition
            {
                Site = pool.Site.Id, Health = dice.Pick(SiteHealth.Healthy, SiteHealth.Suspect), Since = random.AsOf,
            });
        }
        else if (pool.Nodes > 0)
        {
            var node = new NodeId(pool.Id, dice.Int(0, pool.Nodes - 1));
            world.Set(node, dice.Chance(60) ? new(node, NodeDuty.Cordoned, random.AsOf, "a fan") : null);
        }

        return true;
    }

    private static PlacementRequest Several(Dice dice, RandomWorld world) => dice.Chance(60)
        ? Spread(dice, world)
        : Spread(dice, world) with { Units = dice.Int(2, 16), Spread = null };

    private static PlacementRequest Spread(Dice dice, RandomWorld world)
    {
        var units = dice.Int(1, 8);
        return RandomRequest.Of(dice, world.World.Fleet) with
        {
            Units = units,
            Kind = dice.Pick(WorkloadKind.Service, WorkloadKind.Batch),
            Isolation = dice.Chance(10) ? dice.Pick(Enum.GetValues<IsolationLevel>()) : IsolationLevel.Shared,
            Spread = new SpreadNeed(
                dice.Pick(SpreadDomain.Site, SpreadDomain.Region), dice.Int(1, Math.Min(units, 4)), dice.Int(0, 3)),
        };
    }

    private static PlacementDecision Scan(RandomWorld world, PlacementRequest request)
    {
        var shaped = world.Law.Shape(request, world.AsOf);
        return shaped.IsDenied
            ? new Refused(RefusalReason.NoLawfulRegion)
            : Placer.Scan(new Question(world.World, world.Law, shaped.Request, world.AsOf), LawSubject.Of(request));
    }
}
