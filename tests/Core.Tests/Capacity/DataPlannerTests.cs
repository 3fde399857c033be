using ControlPlane.Capacity;
using ControlPlane.Capacity.Gravity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

public sealed class DataPlannerTests
{
    private static readonly Evidence Assumed = new() { Confidence = Confidence.Low, Assumed = true };

    [Fact]
    public void The_proposed_copies_are_lawful_and_no_set_of_others_is_cheaper()
    {
        var (proposed, late, never) = (0, 0, 0);
        Seeds.ForEach(150, dice =>
        {
            var (world, terms) = WithData(dice);
            var running = world.World.Placements.OrderBy(placement => placement.Id).ToList();

            var plan = DataPlanner.Plan(world.World, world.Law, [], (terms, world.AsOf));

            var oracle = new DataOracle(world, terms);
            foreach (var copy in plan.Standby.Copies)
            {
                var dataset = world.World.Fleet.FindDataset(copy.Dataset)!;
                Assert.Contains(copy.Site, oracle.Open(dataset, lost: null));
                Assert.DoesNotContain(copy.Site, dataset.Places);
                Assert.All(copy.Route.Sites, site => Assert.Contains(site, oracle.Open(dataset, lost: null)));
            }

            var (usd, atRisk, kept) = oracle.Cheapest(running);
            Assert.Equal(
                (Math.Round(usd, 6), atRisk, kept, true),
                (Math.Round(plan.Standby.Usd, 6), plan.Standby.Promises.Count,
                    plan.Standby.Promises.Count(promise => promise.IsKept), plan.Standby.IsCheapest));
            (proposed, late, never) = (
                proposed + plan.Standby.Copies.Count, late + atRisk, never + atRisk - kept);
        });
        Assert.True(proposed > 30 && late - never > 30 && never > 30, $"{proposed} copies, {late} late, {never} never");
    }

    [Fact]
    public void A_drill_names_the_data_of_which_no_lawful_copy_is_left_whoever_reads_it()
    {
        var elsewhere = 0;
        Seeds.ForEach(150, dice =>
        {
            var (world, terms) = WithData(dice);
            var scenario = new RegionsLost([dice.Pick(world.World.Fleet.Regions).Id]);

            var drill = Drill.Run(world.World, world.Law, (scenario, DrillRates.Usual), world.AsOf);

            var oracle = new DataOracle(world, terms);
            var expected = world.World.Fleet.Datasets
                .Where(data => data.Places.Any(oracle.Open(data, lost: null).Contains)
                    && !data.Places.Any(oracle.Open(data, scenario).Contains))
                .Select(data => (data.Dataset, world.World.Placements.Count(item =>
                    item.Request.Datasets.Contains(data.Dataset))))
                .OrderBy(data => data.Dataset);
            Assert.Equal(expected, drill.LostData.Select(data => (data.Dataset, data.Readers)));
            if (!drill.LostData.Any(data => data.Readers > 0)) return;
            Assert.True(drill.IsBroken);
            if (!drill.Moves.Any(move => move.IsBroken)) elsewhere++;
        });
        Assert.True(elsewhere > 0, "data was never lost to work that runs elsewhere");
    }

    [Fact]
    public void Every_place_is_lawful_and_every_move_is_as_long_and_as_dear_as_its_way()
    {
        var moves = 0;
        Seeds.ForEach(150, dice =>
        {
            var (world, terms) = WithData(dice);

            var plan = DataPlanner.Plan(world.World, world.Law, [], (terms, world.AsOf));

            var oracle = new DataOracle(world, terms);
            foreach (var (workload, option) in plan.Workloads
                .SelectMany(workload => workload.Options.Select(option => (workload, option))))
            {
                Assert.True(BruteForce.MayUse(world, world.World.Fleet.FindPool(option.Pool)!, workload.Request));
                foreach (var id in workload.Request.Datasets)
                {
                    var dataset = world.World.Fleet.FindDataset(id)!;
                    var within = oracle.Open(dataset, lost: null);
                    Assert.Contains(option.Site, within);
                    var move = option.Moves.FirstOrDefault(move => move.Dataset == id);
                    if (move is null) Assert.Contains(option.Site, dataset.Places);
                    else Assert.Equal(Best(oracle, (dataset, option.Site), terms), (move.Time, move.Usd));
                    moves += move is null ? 0 : 1;
                }
            }
        });
        Assert.True(moves > 100, $"only {moves} moves");
    }

    [Fact]
    public void Work_runs_only_where_its_data_may_be_whether_law_is_compiled_or_judged()
    {
        var narrower = 0;
        Seeds.ForEach(200, dice =>
        {
            var (world, _) = WithData(dice);
            var request = Reading(dice, world.World.Fleet) with { Tenant = dice.Pick(RandomLaw.Tenants) };

            var lawful = world.Law.LawfulPools(LawSubject.Of(request), world.AsOf);

            foreach (var pool in world.World.Fleet.Pools)
            {
                var judged = world.Law.Judge(pool, LawSubject.Of(request), world.AsOf);
                Assert.Equal(judged.All(verdict => verdict.Result != VerdictResult.Denied),
                    lawful.Contains(pool.Index));
                if (judged.All(verdict => verdict.Result != VerdictResult.Denied
                    || verdict.Reason == ReasonCode.Dataset) && !lawful.Contains(pool.Index)) narrower++;
            }
        });
        Assert.True(narrower > 30, $"data mattered only {narrower} times");
    }

    private static (TimeSpan, decimal) Best(
        DataOracle oracle, (DatasetSpec Dataset, SiteId To) asked, DataTerms terms)
    {
        var paths = asked.Dataset.Places
            .SelectMany(from => oracle.Paths(from, asked.To, oracle.Open(asked.Dataset, lost: null))).ToList();
        var quick = paths.FindAll(path => oracle.TimeOver(path.Gigabits, asked.Dataset.SizeGib) <= terms.Within);
        var (gigabits, usd) = quick.Count > 0
            ? quick.OrderBy(path => path.Usd).ThenByDescending(path => path.Gigabits).First()
            : paths.OrderByDescending(path => path.Gigabits).ThenBy(path => path.Usd).First();
        return (oracle.TimeOver(gigabits, asked.Dataset.SizeGib), usd * asked.Dataset.SizeGib);
    }

    /// <summary>A random world with datasets, links of all widths and prices, and work that reads and is promised.
    /// </summary>
    private static (RandomWorld World, DataTerms Terms) WithData(Dice dice)
    {
        var declared = RandomFleet.Of(dice, FleetSize.Middle);
        var sites = declared.Specs.SelectMany(region => region.Sites).Select(site => site.Site).ToList();
        var number = 0;
        var grown = declared.With(dice, declared.Specs.Select(region => region with
        {
            Links = region.Links.Select(link => link with
            {
                GigabitsPerSecond = dice.Pick(1m, 10m, 100m), UsdPerGib = dice.Pick(0m, 0.01m, 0.05m),
            }).ToSeq(),
            SiteLinks = region.Sites.Where(_ => dice.Chance(30)).Select(site => new SiteLinkSpec
            {
                From = site.Site, To = dice.Pick(sites), GigabitsPerSecond = dice.Pick(1m, 40m),
                UsdPerGib = dice.Pick(0m, 0.02m), Evidence = Assumed,
            }).Where(link => link.From != link.To).ToSeq(),
            Datasets = dice.Chance(60) ? [DataOf(dice, (region, sites), number++)] : [],
        }).ToList());
        var world = RandomWorld.Of(new Dice(dice.Seed), FleetSize.Middle, placements: 0).On(grown);
        if (world.World.Fleet.Datasets.Count > 0)
        {
            for (var index = dice.Int(1, 5); index > 0; index--)
                world.TryPlace(Reading(dice, world.World.Fleet), new DecisionId(dice.Guid()), hold: false);
        }

        var terms = DataTerms.Usual with { LinkSharePercent = dice.Pick(10, 100), CopyMonths = dice.Int(0, 12) };
        return (world, terms with { Within = TimeSpan.FromHours(dice.Pick(1, 24)) });
    }

    private static DatasetSpec DataOf(Dice dice, (RegionSpec Region, List<SiteId> Sites) at, int number)
    {
        var home = dice.Pick(at.Region.Sites).Site;
        return new DatasetSpec
        {
            Dataset = new($"data-{number}"), Tenant = dice.Pick(RandomLaw.Tenants),
            DataClass = dice.Pick(RandomLaw.DataClasses),
            Origin = dice.Chance(70) ? dice.Pick(RandomFleet.Countries) : null,
            SizeGib = dice.Pick(10m, 512m, 40_960m), ChangeGibPerDay = dice.Pick(0m, 100m, 20_000m), Site = home,
            Copies = dice.Chance(30)
                ? at.Sites.FindAll(site => site != home).Take(1).ToSeq()
                : [],
        };
    }

    private static PlacementRequest Reading(Dice dice, Fleet fleet)
    {
        var request = RandomRequest.Of(dice, fleet, mostUnits: 2);
        if (fleet.Datasets.Count == 0) return request;
        var first = dice.Pick(fleet.Datasets);
        return request with
        {
            Tenant = first.Tenant,
            Residency = [], ExcludeAccessLaws = [], AllowRegions = [], DenyRegions = [], Spread = null,
            Datasets = fleet.Datasets.Where(item => item == first || (item.Tenant == first.Tenant && dice.Chance(50)))
                .Select(item => item.Dataset).ToSeq(),
            Labels = request.Labels
                .Append(new Label(Drill.PromiseLabel, $"{dice.Pick(160, 400, 2_000, 20_000)}"))
                .OrderBy(label => label.Key, StringComparer.Ordinal).ToSeq(),
        };
    }
}
