using System.Diagnostics;
using ControlPlane.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>The canonical form of a decision; two decisions are the same when these bytes are.</summary>
public static class DecisionCodec
{
    private const ulong RefusedCase = 0;
    private const ulong PlacedCase = 1;
    private const ulong PreemptingCase = 2;

    public static void Write(CanonicalWriter writer, PlacementDecision decision)
    {
        switch (decision)
        {
            case Placed placed:
                // What ends nothing keeps the bytes that it had before anything could end.
                writer.Unsigned(placed.Preempted.Count == 0 ? PlacedCase : PreemptingCase);
                WorkloadCodec.WriteUnits(writer, placed.Units);
                writer.Number(placed.Score);
                writer.Number((long)placed.Isolation);
                if (placed.Preempted.Count > 0) writer.List(placed.Preempted, writer.Id);
                break;
            case Refused refused:
                writer.Unsigned(RefusedCase);
                writer.Text(refused.Reason);
                break;
            default:
                throw new UnreachableException();
        }
    }

    internal static PlacementDecision Read(CanonicalReader reader, ulong version)
    {
        var which = reader.Unsigned();
        if (which == RefusedCase) return new Refused(reader.Text());
        if (which > PreemptingCase) throw reader.Broken($"decisions of case {which} are not known");
        var placed = new Placed(WorkloadCodec.ReadUnits(reader), reader.Number());
        if (version > 1) placed = placed with { Isolation = reader.Enum<IsolationLevel>() };
        return which == PlacedCase ? placed : placed with { Preempted = reader.List(reader.Id) };
    }

    public static byte[] ToBytes(PlacementDecision decision)
    {
        var writer = new CanonicalWriter();
        Write(writer, decision);
        return writer.ToArray();
    }
}
