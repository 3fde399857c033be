using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Ledger;

/// <summary>A ledger of every kind of event, as an export writes it: the same on every run.</summary>
internal static class SampleLedger
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static IReadOnlyList<LedgerRecord> Records { get; } = Write();

    /// <summary>The lines of the export, oldest first.</summary>
    public static IReadOnlyList<string> Lines { get; } = [.. Records.Select(LedgerExport.Line)];

    /// <summary>Hash of the newest record, as somebody would have noted it elsewhere.</summary>
    public static string Head { get; } = Convert.ToHexStringLower(Records[^1].Hash.Span);

    private static List<LedgerRecord> Write()
    {
        var state = new LedgerState(new FleetReader());
        var records = new List<LedgerRecord>();
        void Append(LedgerEvent made) => records.Add(state.Append(made, Start.AddMinutes(records.Count)));
        Append(new FleetDeclared(SmallFleet.Files().ToSeq(), []));
        Append(new PoliciesActivated([], "none"));
        Append(new PoliciesActivated([], "none")
        {
            Version = 7, Regions = [new("de-one")], Signature = new("0123456789abcdef", "c2lnbmVk"),
        });
        var grant = GrantOf(Start);
        Append(new AgentGranted(grant));
        Append(new AgentsHalted(true, "a rehearsal"));
        Append(new AgentsHalted(false, "it is over"));
        for (var number = 1; number <= 24; number++)
        {
            var decided = Decide(state, number, Start.AddMinutes(records.Count));
            Append(decided);
            if (decided.Decision is not Placed) continue;
            if (decided.HoldUntil is not null && number % 2 == 0) Append(new HoldConfirmed(decided.Id));
            else if (number % 5 == 0) Append(new PlacementReleased(decided.Id, ReleaseReason.Released));
            else if (number == 7) Append(new LawAudited([FindingOf(decided)], []));
            else if (number == 13)
                Append(new LawAudited([], [new(state.InForce.Findings.Keys.First(), FindingEnd.Waived)]));
        }

        Append(new GrantEnded(grant.Id, "no longer needed"));
        return records;
    }

    private static AgentGrant GrantOf(DateTimeOffset from) => new()
    {
        Id = new GrantId(new Guid("00000000-0000-7000-8000-000000000001")), Agent = "rebalancer", OnBehalfOf = "ann",
        VouchedBy = "https://id.example", Scopes = ["placements:write"], Tenants = ["klinik-nord"],
        Jurisdictions = [new("DE")], From = from, Until = from.AddHours(1),
        Budget = new AgentBudget(8, 1, 2, 1, TimeSpan.FromMinutes(10)),
    };

    private static BindingFinding FindingOf(PlacementDecided decided) => new()
    {
        Placement = decided.Id, Tenant = decided.Request.Tenant, Workload = decided.Request.Workload,
        Sites = [new("de-one-a")], Epoch = 1,
        Breaches = [new("p/r", "law.residency", "it is so", new(2026, 3, 1), new(2026, 4, 1))],
    };

    private static PlacementDecided Decide(LedgerState state, int number, DateTimeOffset at)
    {
        TimeSpan? hold = number % 4 == 0 ? TimeSpan.FromHours(1) : null;
        var request = Request(number);
        return new PlacementDecided
        {
            Id = new DecisionId(new Guid($"00000000-0000-4000-8000-{number:D12}")),
            Request = request,
            HoldUntil = at + hold,
            IdempotencyKey = $"key-{number}",
            RequestHash = RequestHash.Of(request, hold),
            PolicyDigest = "none",
            EngineVersion = Replay.EngineVersion,
            Decision = Placer.Decide(state.World, state.Law, request, at),
        };
    }

    // Every sixth asks for what only a US operator has, and forbids a US operator.
    private static PlacementRequest Request(int number) => new()
    {
        Tenant = new("klinik-nord"),
        Workload = $"work-{number}",
        Kind = WorkloadKind.Service,
        DataClass = new("health"),
        Residency = number % 6 == 0 ? [new("US")] : [new("EU")],
        ExcludeAccessLaws = number % 6 == 0 ? [new("US_CLOUD_ACT")] : [],
        Units = 1 + (number % 2),
        Unit = new() { Accelerators = 1 + (number % 3), CpuMilli = 4_000, MemoryMib = 16_384 },
    };
}
