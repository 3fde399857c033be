using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Simulation;

/// <summary>Five sites in three countries, and a ledger in which some work is placed on them.</summary>
internal static class SimFleet
{
    private const string Assumed = "evidence: { confidence: low, assumed: true }";

    public static Seq<SiteId> Sites { get; } = [new("de-a"), new("de-b"), new("fr-a"), new("us-a"), new("us-b")];

    // Runs share a processor, not a state: the compiled law of a state remembers what it was asked.
    private static readonly ThreadLocal<LedgerState> origin = new(Create);

    /// <summary>Placements in the ledger at first; their ids count from 1.</summary>
    public const int Workloads = 10;

    /// <summary>The state that every run begins with; it is copied and never changed.</summary>
    public static LedgerState Origin => origin.Value!; // made when it is first asked for

    public static PlacementRequest Request(string workload, RunClass runClass, string? within, int units) => new()
    {
        Tenant = new("acme"),
        Workload = workload,
        Kind = WorkloadKind.Service,
        DataClass = new("public"),
        Residency = within is null ? [] : [new JurisdictionId(within)],
        Units = units,
        Unit = new UnitNeed { Accelerators = 8, CpuMilli = 8_000, MemoryMib = 1_024 },
        RunClass = runClass,
    };

    public static PlacementDecided Decide(LedgerState state, PlacementRequest request, Guid id, DateTimeOffset at) =>
        new()
        {
            Id = new DecisionId(id),
            Request = request,
            IdempotencyKey = id.ToString("N"),
            RequestHash = RequestHash.Of(request, null),
            PolicyDigest = state.Law.Policies.Digest,
            EngineVersion = Replay.EngineVersion,
            Decision = Placer.Decide(state.World, state.Law, request, at),
        };

    /// <summary>Policies by which records may be kept in France only, from some days on.</summary>
    public static PoliciesActivated Policies { get; } = Decree();

    private static PoliciesActivated Decree()
    {
        Seq<SourceFile> files = [new("policies/records.yaml", Records)];
        return new(files, PolicyFiles.Parse(files).Value.Digest) { Version = 1 };
    }

    private static LedgerState Create()
    {
        var state = new LedgerState(new FleetReader());
        var at = VirtualTime.Start - TimeSpan.FromDays(1);
        state.Append(new FleetDeclared(Files().ToSeq(), []), at);
        PlacementRequest[] requests =
        [
            Request("solver", RunClass.Exclusive, "DE", 1),
            Request("trainer", RunClass.Exclusive, "DE", 2) with { Kind = WorkloadKind.Gang, Priority = 5 },
            Request("registry", RunClass.Sticky, "DE", 1),
            Request("search", RunClass.Exclusive, "EU", 1) with { DataClass = new("records") },
            Request("index", RunClass.Exclusive, "US", 1) with { Priority = 9 },
            Request("mirror", RunClass.Sticky, null, 1),
            Request("web", RunClass.Exclusive, null, 2) with { Spread = new SpreadNeed(SpreadDomain.Site, 2, 1) },
            Request("archive", RunClass.Exclusive, "EU", 1) with { DataClass = new("records") },
            Request("reader", RunClass.Exclusive, null, 1) with
            {
                Priority = 7, DependsOn = [new Dependency("archive", DependencyScope.Site)],
            },
            Request("notes", RunClass.Exclusive, "EU", 1) with
            {
                DependsOn = [new Dependency("reader", DependencyScope.Region)],
            },
        ];
        for (var index = 0; index < requests.Length; index++)
        {
            var id = new Guid(index + 1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);
            state.Append(Decide(state, requests[index], id, at), at);
        }

        state.Settle();
        return state;
    }

    private static IEnumerable<SourceFile> Files() =>
    [
        new("regions/catalog/accelerators.yaml", Accelerators),
        new("regions/catalog/jurisdictions.yaml", Jurisdictions),
        new("regions/catalog/legal-entities.yaml", LegalEntities),
        new("regions/catalog/provider-regions.yaml", "schemaVersion: 1\nproviderRegions: []\n"),
        new("regions/catalog/sources.yaml", "schemaVersion: 1\nsources: []\n"),
        .. Sites.Select(site => new SourceFile($"regions/{site}.yaml", Region(site.Value))),
    ];

    private static string Region(string id) => $$"""
        schemaVersion: 1
        region: {{id}}
        name: {{id}}
        jurisdiction: "{{id[..2].ToUpperInvariant()}}"
        operator: acme
        {{Assumed}}
        sites:
          - site: {{id}}
            country: "{{id[..2].ToUpperInvariant()}}"
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
              - cluster: {{id}}-c
                scheduler: simulated
                provider: onprem
                providerRegion: floor
                nodePools:
                  - pool: {{id}}-p
                    sku: h100
                    acceleratorsPerNode: 8
                    nodes: 5
                    cpuMilliPerNode: 96000
                    memoryMibPerNode: 1048576
                    fabric: infiniband
                    nodesPerFabricDomain: 5
                    hostWatts: 2000
                    usdPerHour: 2.5
                    {{Assumed}}

        """;

    private const string Records = """
        schemaVersion: 1
        id: records
        because: From some day on records stay in the country.
        source: { law: Rules of the simulation }
        owner: tests
        validFrom: 2026-06-18
        enforcement: mandatory
        match:
          dataClasses: [records]
        rules:
          - { rule: in-france, kind: residency, allow: ["FR"] }

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
          - { id: "US", name: United States, accessLaws: [US_CLOUD_ACT], {{Assumed}} }

        """;

    private const string LegalEntities = $$"""
        schemaVersion: 1
        legalEntities:
          - { id: acme, name: Acme GmbH, seat: "DE", {{Assumed}} }

        """;
}
