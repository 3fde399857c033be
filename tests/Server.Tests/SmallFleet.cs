using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Server.Tests;

/// <summary>A fleet of three regions in two countries of the EU and the US, small enough to run out of room.</summary>
internal static class SmallFleet
{
    private const string Assumed = "evidence: { confidence: low, assumed: true }";

    public static Fleet Fleet { get; } = RegionFiles.Parse(Files()).Value;

    /// <summary>The files by their paths below the directory of regions.</summary>
    public static IReadOnlyList<SourceFile> Files() =>
    [
        new("regions/de-one.yaml", Region("de-one", "DE", "acme") + GermanData),
        new("regions/fr-one.yaml", Region("fr-one", "FR", "acme")),
        new("regions/us-one.yaml", Region("us-one", "US", "bigco")),
        new("regions/catalog/accelerators.yaml", Accelerators),
        new("regions/catalog/jurisdictions.yaml", Jurisdictions),
        new("regions/catalog/legal-entities.yaml", LegalEntities),
        new("regions/catalog/provider-regions.yaml", "schemaVersion: 1\nproviderRegions: []\n"),
        new("regions/catalog/sources.yaml", "schemaVersion: 1\nsources: []\n"),
    ];

    /// <summary>One site with four nodes of eight accelerators and two nodes without.</summary>
    internal static string Region(string id, string country, string owner) => $$"""
        schemaVersion: 1
        region: {{id}}
        name: {{id}}
        jurisdiction: "{{country}}"
        operator: {{owner}}
        {{Assumed}}
        sites:
          - site: {{id}}-a
            country: "{{country}}"
            city: Town
            status: active
            {{Assumed}}
            power:
              pue: 1.2
              phases:
                - { from: 2026-01-01, megawatts: 2, {{Assumed}} }
              usdPerMegawattHour: 90
              carbonGramsPerKilowattHour: 300
              {{Assumed}}
            clusters:
              - cluster: {{id}}-a-k8s
                scheduler: kubernetes
                provider: onprem
                providerRegion: floor
                nodePools:
                  - pool: {{id}}-a-h100
                    sku: h100
                    acceleratorsPerNode: 8
                    nodes: 4
                    cpuMilliPerNode: 96000
                    memoryMibPerNode: 1048576
                    fabric: infiniband
                    nodesPerFabricDomain: 4
                    hostWatts: 2000
                    usdPerHour: 2.5
                    {{Assumed}}
                  - pool: {{id}}-a-cpu
                    acceleratorsPerNode: 0
                    nodes: 2
                    cpuMilliPerNode: 64000
                    memoryMibPerNode: 262144
                    fabric: ethernet
                    nodesPerFabricDomain: 2
                    hostWatts: 800
                    usdPerHour: 1.5
                    {{Assumed}}

        """;

    private const string GermanData = $$"""
        links:
          - { to: fr-one, gigabitsPerSecond: 100, roundTripMilliseconds: 10, usdPerGib: 0.02, {{Assumed}} }
        datasets:
          - dataset: scans
            tenant: acme-data
            dataClass: public
            sizeGib: 1024
            changeGibPerDay: 8
            site: de-one-a

        """;

    private const string Accelerators = $$"""
        schemaVersion: 1
        accelerators:
          - id: h100
            vendor: nvidia
            model: H100
            architecture: hopper
            memoryGigabytes: 80
            watts: 700
            link: nvlink4
            formFactor: sxm5
            perNode: 8
            scaleUpDomainMax: 8
            status: shipping
            programmability: general
            {{Assumed}}

        """;

    private const string Jurisdictions = $$"""
        schemaVersion: 1
        internationalSchemes: [ISO_27001]
        jurisdictions:
          - { id: EU, name: European Union, group: true, {{Assumed}} }
          - { id: "DE", name: Germany, memberOf: [EU], {{Assumed}} }
          - { id: "FR", name: France, memberOf: [EU], {{Assumed}} }
          - { id: "GB", name: United Kingdom, {{Assumed}} }
          - { id: "US", name: United States, accessLaws: [US_CLOUD_ACT], {{Assumed}} }

        """;

    private const string LegalEntities = $$"""
        schemaVersion: 1
        legalEntities:
          - { id: acme, name: Acme GmbH, seat: "DE", {{Assumed}} }
          - { id: bigco, name: Big Company, seat: "US", {{Assumed}} }

        """;
}
