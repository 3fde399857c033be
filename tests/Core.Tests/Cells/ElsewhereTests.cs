using ControlPlane.Cells;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Cells;

public sealed class ElsewhereTests
{
    private static readonly DateTimeOffset now = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    private static readonly PlacementRequest request = new()
    {
        Tenant = new("t1"), Workload = "w", Kind = WorkloadKind.Service, DataClass = new("public"), Units = 2,
        Unit = new UnitNeed { Accelerators = 8, CpuMilli = 1000, MemoryMib = 1024 }, Residency = [new("FR")],
    };

    private static ListedCell Listed(string name, params string[] jurisdictions)
    {
        var world = new World();
        Assert.Equal([], world.Declare(SmallCells.Of(name, jurisdictions), now));
        return new ListedCell
        {
            Cell = new(name), Jurisdictions = jurisdictions.Select(id => new JurisdictionId(id)).ToSeq(),
            Url = new Uri($"https://{name}.example"), AgeSeconds = 3,
            Report = CellNumbers.Of(world, new(name), now),
        };
    }

    private static CellTable Table(params ListedCell[] cells) => CellTable.Empty with { Cells = cells.ToSeq() };

    private static Seq<CellOffer> Find(PlacementRequest asked, CellTable table, PolicySet? policies = null) =>
        Elsewhere.Find(new Law(SmallCells.Of("de", "DE").Whole, policies ?? PolicySet.None), asked, table, now);

    [Fact]
    public void A_cell_decides_for_its_own_jurisdictions_only_and_knows_the_others_by_law()
    {
        var fleet = SmallCells.Of("de", "DE");
        var world = new World();
        Assert.Equal([], world.Declare(fleet, now));

        var here = Placer.Decide(world, new Law(fleet, PolicySet.None), request with { Residency = [] }, now);
        var abroad = Placer.Decide(world, new Law(fleet, PolicySet.None), request, now);

        Assert.Equal(["de-one-a"], fleet.Sites.Select(site => site.Id.Value));
        Assert.Equal(["de-one", "fr-one", "us-one"], fleet.Regions.Select(region => region.Id.Value));
        Assert.Equal(["de-one"], fleet.Own.Select(region => region.Id.Value));
        Assert.IsType<Placed>(here);
        Assert.Equal(RefusalReason.NoLawfulRegion, Assert.IsType<Refused>(abroad).Reason);
    }

    [Fact]
    public void A_group_is_all_of_its_members_and_a_cell_without_a_region_is_refused()
    {
        Assert.Equal(["de-one", "fr-one"], SmallCells.Of("eu", "EU").Own.Select(region => region.Id.Value));

        var empty = SmallCells.Check(SmallCells.Text("gb", "GB"));
        var unknown = SmallCells.Check(SmallCells.Text("x", "XX"));

        Assert.Equal("regions/cell.yaml:3:16 jurisdictions hold no declared region", $"{empty.Problems[0]}");
        Assert.Equal("country-unknown", unknown.Problems[0].Slug);
    }

    [Fact]
    public void What_has_no_place_here_is_offered_where_the_law_here_and_the_numbers_there_allow_it()
    {
        var offers = Find(request, Table(Listed("fr", "FR"), Listed("us", "US")));

        Assert.Equal(
            [
                new CellOffer
                {
                    Cell = new("fr"), Jurisdiction = new("FR"), Region = new("fr-one"), Units = 2, AgeSeconds = 3,
                    Url = new Uri("https://fr.example"),
                },
            ],
            offers);
    }

    [Fact]
    public void Nothing_is_offered_that_is_full_closed_too_large_or_never_reported()
    {
        var french = Listed("fr", "FR");
        var site = french.Report!.Sites[0];
        ListedCell With(CellSite changed) => french with { Report = french.Report with { Sites = [changed] } };
        var full = site with { Skus = [site.Skus[0], site.Skus[1] with { Free = 15 }] };
        var split = site with { Skus = [site.Skus[0], site.Skus[1] with { Largest = 7 }] };

        Assert.Empty(Find(request, Table(With(full))));
        Assert.Empty(Find(request, Table(With(split))));
        Assert.Empty(Find(request, Table(With(site with { Open = false }))));
        Assert.Empty(Find(request, Table(With(site with { FreeKilowatts = 1 }))));
        Assert.Empty(Find(request, Table(french with { Report = null, AgeSeconds = null })));
        Assert.Empty(Find(request with { Units = 5 }, Table(french)));
        Assert.Single(Find(request with { Units = 4 }, Table(french)));
    }

    [Fact]
    public void A_table_is_read_as_strictly_as_a_report()
    {
        var catalogue = SmallCells.Of("de", "DE").Whole;
        var table = Table(Listed("fr", "FR"));
        var planted = table with { Cells = [table.Cells[0] with { Jurisdictions = [new("zq7canary")] } ] };
        var foreign = table with { Cells = [table.Cells[0] with { Jurisdictions = [new("US")] } ] };

        Assert.Equal(table, CellTable.Read(table.Write(), catalogue));
        Assert.Null(CellTable.Read(planted.Write(), catalogue));
        Assert.Null(CellTable.Read(foreign.Write(), catalogue));
        Assert.Empty(table.With(new CellShape(new("h100"), 33, 0)).Cells);
        Assert.Single(table.With(new CellShape(new("h100"), 32, 8)).Cells);
    }
}
