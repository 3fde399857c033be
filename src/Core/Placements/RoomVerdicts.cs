using ControlPlane.Inventory;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>Says what keeps a capable pool from taking even one unit (or, for a gang, all of them).</summary>
internal static class RoomVerdicts
{
    private const string ContractRule = "power";

    /// <param name="question">What is asked.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="caps">Caps for its model: those that bind and those that policies only advise.</param>
    public static IEnumerable<Verdict> Judge(Question question, FleetPool pool, (Caps Binding, Caps Advised) caps)
    {
        var request = question.Request;
        if (request.Kind == WorkloadKind.Gang)
        {
            if (GangDenial(question, pool) is { } gang) yield return gang;
        }
        else if (NodeChoice.Room(question.World, pool, (0, pool.Nodes), request) == 0)
            yield return IsolationDenial(question.World, pool, request) ?? NodeDenial(
                question.World, pool, request.Unit);

        foreach (var denial in CapDenials(question, pool, caps.Binding)) yield return denial;
        foreach (var denial in CapDenials(question, pool, caps.Advised))
        {
            // What the contract denies is said above; it is no advice.
            if (denial.Rule != ContractRule)
                yield return denial with { Result = VerdictResult.Advised, Relaxation = null };
        }
    }

    private static IEnumerable<Verdict> CapDenials(Question question, FleetPool pool, Caps caps)
    {
        var request = question.Request;
        if (PowerDenial(question, pool, caps) is { } power) yield return power;
        foreach (var cap in (Cap[])[caps.Total(), caps.Of(pool.Region), caps.Of(pool.Site)])
        {
            var least = request.Kind == WorkloadKind.Gang ? request.Units : 1;
            if (cap.Units >= least) continue;
            yield return Deny(
                cap.Reason, cap.Rule, cap.Because, cap.Units == 0 ? null : FewerUnits(request, cap.Units));
        }
    }

    private static Verdict? GangDenial(Question question, FleetPool pool)
    {
        var request = question.Request;
        if (NodeChoice.GangDomain(question.World, pool, request) is not null) return null;
        if (IsolationDenial(question.World, pool, request) is { } apart) return apart;
        var best = 0;
        for (var first = 0; first < pool.Nodes; first += pool.Spec.NodesPerFabricDomain)
        {
            var nodes = Math.Min(pool.Spec.NodesPerFabricDomain, pool.Nodes - first);
            best = Math.Max(best, NodeChoice.Room(question.World, pool, (first, nodes), request));
        }

        return Deny(ReasonCode.FabricDomain, "room",
            $"{request.Units} members must share a fabric domain; the roomiest has room for {best}",
            best == 0 ? null : FewerUnits(request, best));
    }

    /// <summary>Said when tenants that must be apart are what keeps units out; other work could come in.</summary>
    private static Verdict? IsolationDenial(World world, FleetPool pool, PlacementRequest request)
    {
        var least = request.Kind == WorkloadKind.Gang ? request.Units : 1;
        if (Enumerable.Range(0, pool.Nodes)
            .Sum(node => (long)world.Nodes.Room(pool.Index, node, request.Unit, request.Units)) < least) return null;
        var siteTaken = !world.Tenancy.SiteAdmits(pool.Site.Index, request.Tenant, request.Isolation);
        var nodeTaken = Enumerable.Range(0, pool.Nodes)
            .Any(node => !world.Tenancy.IsClosed(pool.Index, node)
                && !world.Tenancy.NodeAdmits(pool.Index, node, request.Tenant, request.Isolation));
        if (!siteTaken && !nodeTaken && Enumerable.Range(0, pool.Nodes)
            .Any(node => world.Tenancy.IsClosed(pool.Index, node)))
            return Deny(ReasonCode.NodeClosed, "room", "an operator keeps work away from the nodes with room", null);
        return siteTaken || nodeTaken
            ? Deny(ReasonCode.Isolated, "isolation",
                $"{(siteTaken ? pool.Site.Id.Value : "nodes with room")} run work of tenants that must be apart", null)
            : null;
    }

    /// <summary>
    /// Names the first resource, of CPU, memory and accelerators, that no node has beside those before it.
    /// </summary>
    private static Verdict NodeDenial(World world, FleetPool pool, UnitNeed need)
    {
        if (pool.Nodes == 0) return Deny(ReasonCode.Cpu, "room", $"none of the nodes of {pool} may be used", null);
        long bestCpu = 0, bestMemory = 0, bestDevices = 0;
        for (var node = 0; node < pool.Nodes; node++)
        {
            var (cpu, memory) = (
                world.Nodes.FreeCpuMilli(pool.Index, node), world.Nodes.FreeMemoryMib(pool.Index, node));
            bestCpu = Math.Max(bestCpu, cpu);
            if (cpu < need.CpuMilli) continue;
            bestMemory = Math.Max(bestMemory, memory);
            if (memory < need.MemoryMib) continue;
            bestDevices = Math.Max(bestDevices, FreeOf(world.Nodes.Devices(pool.Index, node), need));
        }

        if (bestCpu < need.CpuMilli)
            return Short(ReasonCode.Cpu, ("cpuMilli", "thousandths of a core"), need.CpuMilli, bestCpu);
        if (bestMemory < need.MemoryMib)
            return Short(ReasonCode.Memory, ("memoryMib", "MiB of memory"), need.MemoryMib, bestMemory);
        return need.AcceleratorShareMilli > 0
            ? Short(ReasonCode.Accelerators, ("accelerators.shareMilli", "thousandths of one accelerator"),
                need.AcceleratorShareMilli, bestDevices)
            : Short(ReasonCode.Accelerators, ("accelerators.count", "accelerator(s)"), need.Accelerators, bestDevices);
    }

    private static long FreeOf(ReadOnlySpan<short> devices, UnitNeed need)
    {
        long most = 0, whole = 0;
        foreach (var free in devices)
        {
            most = Math.Max(most, free);
            if (free == NodeColumns.WholeMilli) whole++;
        }

        return need.AcceleratorShareMilli > 0 ? most : whole;
    }

    private static Verdict Short(string reason, (string Field, string Unit) of, long wanted, long best) => Deny(
        reason, "room", $"one unit needs {wanted} {of.Unit} on one node beside the rest; the best node has {best} free",
        best <= 0
            ? null
            : new Relaxation(of.Field, $"{wanted}", $"{best}", (wanted - best) * 1000 / Math.Max(1, wanted)));

    private static Verdict? PowerDenial(Question question, FleetPool pool, Caps caps)
    {
        var request = question.Request;
        var perUnit = pool.UnitMilliwatts(request.Unit.AcceleratorMilli, request.Unit.CpuMilli);
        var needed = request.Kind == WorkloadKind.Gang ? perUnit * request.Units : perUnit;
        var (left, cappedBy) = caps.PowerLeft(pool.Site);
        if (needed <= left) return null;
        var units = perUnit == 0 ? 0 : left / perUnit;
        return Deny(cappedBy is null ? ReasonCode.Power : ReasonCode.PowerCap, cappedBy ?? ContractRule,
            $"needs {needed / 1000} W of facility power, the {(cappedBy is null ? "contract" : "power cap")} of "
            + $"{pool.Site.Id} has {left / 1000} W left",
            units == 0 ? null : FewerUnits(request, units));
    }

    private static Relaxation FewerUnits(PlacementRequest request, long units) =>
        new("units", $"{request.Units}", $"{units}", (request.Units - units) * 1000 / request.Units);

    private static Verdict Deny(string reason, string rule, string because, Relaxation? relaxation) =>
        new(VerdictKind.Capacity, reason, rule, VerdictResult.Denied, because) { Relaxation = relaxation };
}
