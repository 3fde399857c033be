using System.Globalization;
using System.Text;
using ControlPlane.Files;
using ControlPlane.Traces;

namespace ControlPlane.Server.Tests.Trace;

/// <summary>
/// Writes the nodes of the trace as region files: one region with one site, one pool for each shape of node. Law,
/// price and power are made up so that none of them is ever in the way.
/// </summary>
internal static class TraceFleet
{
    private const string Assumed = "evidence: { confidence: low, assumed: true }";

    /// <summary>The files by their paths below the directory of regions.</summary>
    public static IReadOnlyList<SourceFile> Files(IReadOnlyList<TraceNode> nodes) =>
    [
        new("regions/openb.yaml", Region(nodes)),
        new("regions/catalog/accelerators.yaml", Accelerators(nodes)),
        new("regions/catalog/jurisdictions.yaml",
            $"schemaVersion: 1\njurisdictions:\n  - {{ id: \"DE\", name: Germany, {Assumed} }}\n"),
        new("regions/catalog/legal-entities.yaml",
            $"schemaVersion: 1\nlegalEntities:\n  - {{ id: operator, name: Operator, seat: \"DE\", {Assumed} }}\n"),
        new("regions/catalog/provider-regions.yaml", "schemaVersion: 1\nproviderRegions: []\n"),
        new("regions/catalog/sources.yaml", "schemaVersion: 1\nsources: []\n"),
    ];

    /// <summary>The id under which a model of the trace is declared.</summary>
    public static string SkuOf(string model) => model.ToLowerInvariant();

    private static string Region(IReadOnlyList<TraceNode> nodes)
    {
        var text = new StringBuilder($$"""
            schemaVersion: 1
            region: openb
            name: Public GPU trace
            jurisdiction: "DE"
            operator: operator
            {{Assumed}}
            sites:
              - site: openb-a
                country: "DE"
                city: Town
                status: active
                {{Assumed}}
                power:
                  pue: 1.2
                  phases:
                    - { from: 2026-01-01, megawatts: 100, {{Assumed}} }
                  usdPerMegawattHour: 90
                  carbonGramsPerKilowattHour: 300
                  {{Assumed}}
                clusters:
                  - cluster: openb-a-k8s
                    scheduler: kubernetes
                    provider: onprem
                    providerRegion: floor
                    nodePools:

            """);
        var shapes = nodes.GroupBy(node => (node.Model, node.Gpus, node.CpuMilli, node.MemoryMib))
            .OrderBy(shape => shape.Key);
        foreach (var (index, shape) in shapes.Index()) text.Append(Pool(index, shape.Key, shape.Count()));
        return text.ToString();
    }

    private static string Pool(int index, (string Model, int Gpus, int CpuMilli, int MemoryMib) shape, int count) =>
        string.Create(CultureInfo.InvariantCulture, $$"""
                      - pool: {{SkuOf(shape.Model)}}-{{index}}
                        sku: {{SkuOf(shape.Model)}}
                        acceleratorsPerNode: {{shape.Gpus}}
                        nodes: {{count}}
                        cpuMilliPerNode: {{shape.CpuMilli}}
                        memoryMibPerNode: {{shape.MemoryMib}}
                        fabric: ethernet
                        nodesPerFabricDomain: {{count}}
                        hostWatts: 800
                        usdPerHour: 1
                        {{Assumed}}

            """);

    private static string Accelerators(IReadOnlyList<TraceNode> nodes)
    {
        var text = new StringBuilder("schemaVersion: 1\naccelerators:\n");
        foreach (var model in nodes.Select(node => node.Model).Distinct().Order(StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                  - id: {{SkuOf(model)}}
                    vendor: unnamed
                    model: {{model}}
                    architecture: unnamed
                    memoryGigabytes: 16
                    watts: 300
                    link: pcie
                    formFactor: pcie
                    perNode: 8
                    scaleUpDomainMax: 8
                    status: shipping
                    programmability: general
                    {{Assumed}}

                """);
        }

        return text.ToString();
    }
}
