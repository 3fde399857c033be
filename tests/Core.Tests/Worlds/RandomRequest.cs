using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Worlds;

/// <summary>Random requests that fit the size of random fleets.</summary>
internal static class RandomRequest
{
    public static PlacementRequest Of(Dice dice, Fleet fleet, int mostUnits = 5)
    {
        var kind = dice.Pick(Enum.GetValues<WorkloadKind>());
        var units = dice.Int(1, mostUnits);
        var regions = fleet.Regions.Select(region => region.Id).DefaultIfEmpty(new("gone")).ToList();
        return new PlacementRequest
        {
            Tenant = dice.Pick(RandomLaw.Tenants),
            Workload = "w",
            Kind = kind,
            DataClass = dice.Pick(RandomLaw.DataClasses),
            Labels = RandomLaw.Labels(dice),
            Residency = dice.Chance(15) ? dice.AtLeastOne([.. RandomFleet.Countries, .. RandomFleet.Groups], 4) : [],
            ExcludeAccessLaws = dice.Chance(10) ? dice.AtLeastOne(RandomFleet.AccessLaws, 2) : [],
            AllowRegions = dice.Chance(10) ? dice.AtLeastOne(regions, 2) : [],
            DenyRegions = dice.Chance(5) ? dice.AtLeastOne(regions, 1) : [],
            DataCopies = dice.Chance(50) ? dice.Some<RegionId>([.. regions, new("gone")], 2) : null,
            DataOrigin = dice.Chance(50) ? dice.Pick<JurisdictionId>([.. RandomFleet.Countries, .. RandomFleet.Groups])
                : null,
            TenantHome = dice.Chance(50) ? dice.Pick(RandomFleet.Countries) : null,
            Artefact = dice.Chance(50)
                ? new($"sha256:{new string('0', 64)}", dice.Pick<string?>([null, "stranger", .. RandomRules.Signers]))
                : null,
            Units = units, Unit = Need(dice, fleet),
            Spread = kind != WorkloadKind.Gang && dice.Chance(40)
                ? new(
                    dice.Pick(SpreadDomain.Site, SpreadDomain.Region), dice.Int(1, Math.Min(3, units)), dice.Int(0, 2))
                : null,
            HomeRegion = dice.Chance(30) ? dice.Pick(regions) : null,
            Priority = dice.Pick(0, 499, 500, 1000),
            Deadline = dice.Chance(10)
                ? new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.FromHours(dice.Int(-5, 5)))
                : null,
        };
    }

    private static UnitNeed Need(Dice dice, Fleet fleet)
    {
        var wants = dice.Int(0, 9);
        var needsAny = wants < 8;
        return new UnitNeed
        {
            Accelerators = wants < 5 ? dice.Pick(1, 1, 1, 2, 4) : 0,
            AcceleratorShareMilli = wants is >= 5 and < 8 ? dice.Pick(100, 250, 334, 500, 501, 999) : 0,
            Skus = needsAny && dice.Chance(30) ? dice.AtLeastOne([.. fleet.Skus.Select(sku => sku.Id)], 2) : [],
            MinMemoryGib = needsAny && dice.Chance(10) ? dice.Pick(22.5m, 79.65m, 80m) : null,
            MinBandwidthGigabytesPerSecond = needsAny && dice.Chance(10) ? 900 : null,
            MinTeraflopsBf16 = needsAny && dice.Chance(10) ? dice.Pick(50m, 989.4m) : null,
            MinTeraflopsFp8 = needsAny && dice.Chance(5) ? 1979 : null,
            Fabric = dice.Chance(10) ? dice.Pick(FabricKind.Ethernet, FabricKind.ScaleUp) : null,
            CpuMilli = dice.Pick(0, 500, 1_000, 2_500, 4_000, 9_000),
            MemoryMib = dice.Pick(0, 1_024, 1_024, 5_000, 8_192),
        };
    }
}
