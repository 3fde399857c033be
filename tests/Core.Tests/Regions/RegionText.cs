using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Regions;

/// <summary>A small fleet as text, in which tests change one thing at a time.</summary>
internal static class RegionText
{
    public const string RegionPath = "regions/de-one.yaml";

    public const string Region = """
        schemaVersion: 1
        region: de-one
        name: One
        jurisdiction: "DE"
        operator: acme
        evidence: { sources: [press], confidence: high }
        claims:
          - kind: certification
            scheme: BSI_C5
            validFrom: 2026-01-01
            validTo: 2027-12-31
            evidence: { confidence: low, assumed: true }
        sites:
          - site: de-one-a
            country: "DE"
            city: Berlin
            status: active
            evidence: { sources: [press], confidence: high }
            power:
              pue: 1.2
              phases:
                - { from: 2026-01-01, megawatts: 2, evidence: { sources: [press], confidence: high } }
              usdPerMegawattHour: 90
              carbonGramsPerKilowattHour: 300
              evidence: { confidence: low, assumed: true }
            clusters:
              - cluster: de-one-a-k8s
                scheduler: kubernetes
                provider: cloudy
                providerRegion: de-north
                nodePools:
                  - pool: de-one-a-h100
                    sku: h100
                    acceleratorsPerNode: 8
                    nodes: 16
                    allocatableNodes: 15
                    cpuMilliPerNode: 96000
                    memoryMibPerNode: 1048576
                    fabric: infiniband
                    nodesPerFabricDomain: 8
                    hostWatts: 2000
                    usdPerHour: 2.5
                    evidence: { confidence: low, assumed: true }

        """;

    public const string Accelerators = """
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
            evidence: { sources: [press], confidence: high }

        """;

    public const string Jurisdictions = """
        schemaVersion: 1
        internationalSchemes: [ISO_27001]
        jurisdictions:
          - id: EU
            name: European Union
            group: true
            evidence: { sources: [press], confidence: high }
          - id: "DE"
            name: Germany
            memberOf: [EU]
            assuranceSchemes: [BSI_C5]
            evidence: { sources: [press], confidence: high }
          - id: "GB"
            name: United Kingdom
            evidence: { sources: [press], confidence: high }

        """;

    public const string LegalEntities = """
        schemaVersion: 1
        legalEntities:
          - id: acme
            name: Acme GmbH
            seat: "DE"
            parent: acme-holding
            evidence: { sources: [press], confidence: high }
          - id: acme-holding
            name: Acme Holding
            seat: "DE"
            evidence: { sources: [press], confidence: high }

        """;

    public const string ProviderRegions = """
        schemaVersion: 1
        providerRegions:
          - provider: cloudy
            code: de-north
            country: "DE"
            operator: acme
            evidence: { sources: [press], confidence: high }
          - provider: cloudy
            code: gb-north
            country: "GB"
            operator: acme
            evidence: { sources: [press], confidence: high }

        """;

    public const string Sources = """
        schemaVersion: 1
        sources:
          - { id: press, origin: newspaper.example, usedFor: everything }

        """;

    /// <summary>The whole small fleet.</summary>
    public static IReadOnlyList<SourceFile> Files() =>
    [
        new(RegionPath, Region),
        new("regions/catalog/accelerators.yaml", Accelerators),
        new("regions/catalog/jurisdictions.yaml", Jurisdictions),
        new("regions/catalog/legal-entities.yaml", LegalEntities),
        new("regions/catalog/provider-regions.yaml", ProviderRegions),
        new("regions/catalog/sources.yaml", Sources),
    ];

    /// <summary>The fleet with one text replaced once in one file.</summary>
    public static Checked<Fleet> ParseWith(string path, string old, string replacement) =>
        RegionFiles.Parse([.. Files().Select(file =>
            file.Path == path ? file with { Text = Changed(file.Text, old, replacement) } : file)]);

    /// <summary>The fleet with the only region changed.</summary>
    public static Checked<Fleet> ParseWith(string old, string replacement) => ParseWith(RegionPath, old, replacement);

    public static string Changed(string text, string old, string replacement)
    {
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0, $"the text does not hold {old}");
        return text[..at] + replacement + text[(at + old.Length)..];
    }
}
