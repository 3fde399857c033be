using System.Globalization;
using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Cli.Tests.Policies;

/// <summary>
/// A ledger as its export has it: files that were declared, and workloads that were placed under them.
/// </summary>
internal sealed class SmallLedger
{
    private readonly LedgerState state = new(new FleetReader());
    private readonly List<string> lines = [];
    private DateTimeOffset at = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    public SmallLedger(IEnumerable<SourceFile> regions, IEnumerable<SourceFile> policies)
    {
        Append(new FleetDeclared(regions.OrderBy(file => file.Path, StringComparer.Ordinal).ToSeq(), []));
        Activate(policies);
    }

    public string Text => string.Join('\n', lines) + "\n";

    public void Activate(IEnumerable<SourceFile> policies)
    {
        var files = policies.OrderBy(file => file.Path, StringComparer.Ordinal).ToSeq();
        Append(new PoliciesActivated(files, ControlPlane.Policies.PolicyFiles.Parse(files).Value.Digest));
    }

    /// <summary>Work that needs 8 accelerators by the unit and would rather run in a region.</summary>
    public static PlacementRequest Work(string workload, string dataClass, int units, string home) => new()
    {
        Tenant = new("klinik-nord"), Workload = workload, Kind = WorkloadKind.Service, DataClass = new(dataClass),
        Units = units, HomeRegion = new(home),
        Unit = new UnitNeed { Accelerators = 8, CpuMilli = 8_000, MemoryMib = 65_536 },
    };

    /// <summary>Places work, or records its refusal.</summary>
    public void Place(PlacementRequest request)
    {
        var number = (lines.Count + 1).ToString("D12", CultureInfo.InvariantCulture);
        Append(new PlacementDecided
        {
            Id = new DecisionId(Guid.Parse($"01934000-0000-7000-8000-{number}")),
            Request = request,
            IdempotencyKey = request.Workload,
            RequestHash = RequestHash.Of(request, null),
            PolicyDigest = state.Law.Policies.Digest,
            EngineVersion = Replay.EngineVersion,
            Decision = Placer.Decide(state.World, state.Law, request, at),
        });
    }

    private void Append(LedgerEvent ledgerEvent)
    {
        lines.Add(LedgerExport.Line(state.Append(ledgerEvent, at)));
        at = at.AddMinutes(1);
    }
}
