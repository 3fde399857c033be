using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>
/// Units that law and hardware treat alike: the same subject of law, the same needs of a unit, run in the same way.
/// What runs or waits is a few classes, however many workloads it is.
/// </summary>
public sealed record DemandClass(LawSubject Subject, UnitNeed Unit, WorkloadKind Kind, int UnitsTogether)
{
    /// <summary>The class of a request; only a gang's units count together, since all others may go apart.</summary>
    public static DemandClass Of(PlacementRequest request) => new(
        LawSubject.Of(request), request.Unit, request.Kind, request.Kind == WorkloadKind.Gang ? request.Units : 1);

    /// <summary>The classes of what runs and of requests that wait, each once, in the order they are met.</summary>
    public static Seq<DemandClass> AllOf(
        IEnumerable<PlacementRequest> running, IEnumerable<PlacementRequest> waiting) =>
        running.Concat(waiting).Select(Of).Distinct().ToSeq();
}
