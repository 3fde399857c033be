using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Policies;

/// <summary>The example requests of the documentation under the shipped policies on the shipped regions.</summary>
public sealed class ShippedPolicyTests
{
    private static readonly Fleet Fleet = RegionFiles.Parse(Checkout.Read("regions")).Value;
    private static readonly PolicySet Policies = PolicyFiles.Parse(Checkout.Read("policies"), Fleet).Value;
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly PlacementRequest Triage = new()
    {
        Tenant = new("klinik-nord"), Workload = "triage-llm", Kind = WorkloadKind.Service, DataClass = new("health"),
        Labels = [new("team", "emergency")], Residency = [new("DE")], ExcludeAccessLaws = [new("US_CLOUD_ACT")],
            Units = 1,
        Unit = new UnitNeed
        {
            Accelerators = 8, MinMemoryGib = 79, MinTeraflopsBf16 = 900, CpuMilli = 64_000, MemoryMib = 524_288,
        },
        HomeRegion = new("de-stackit"), Priority = 100,
    };

    [Fact]
    public void Patients_records_are_read_in_germany()
    {
        var placed = Assert.IsType<Placed>(Decide(Triage));

        var pool = Fleet.FindPool(Assert.Single(placed.Units).Node.Pool)!;
        Assert.Equal(new JurisdictionId("DE"), pool.Site.Spec.Country);
    }

    [Fact]
    public void The_same_service_has_no_place_in_the_united_states()
    {
        var elsewhere = Triage with { AllowRegions = [new("us-aws-oregon"), new("us-aws-virginia"),
            new("us-azure-boydton")] };

        Assert.IsType<Refused>(Decide(elsewhere));
    }

    [Fact]
    public void Public_work_still_has_places_in_every_jurisdiction_that_has_active_sites()
    {
        var law = new Law(Fleet, Policies);
        var subject = LawSubject.Of(Triage with { DataClass = new("public"), Residency = [], ExcludeAccessLaws = [] });

        var lawful = law.LawfulPools(subject, Now);

        Assert.Equal(Fleet.Pools.Count, lawful.Count);
    }

    private static PlacementDecision Decide(PlacementRequest request)
    {
        var world = new World();
        Assert.Equal([], world.Declare(Fleet, Now));
        return Placer.Decide(world, new Law(Fleet, Policies), request, Now);
    }
}
