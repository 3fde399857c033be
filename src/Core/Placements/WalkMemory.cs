using ControlPlane.Inventory;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Remembers a walk for each class of requests that comes more than once, for one world under one law on one day. It
/// changes how fast a decision is made, never which.
/// </summary>
internal sealed class WalkMemory(Law law, NodeColumns nodes, DateOnly day)
{
    /// <summary>Classes remembered at once; past it the memory is emptied, so that strangers cannot fill it.</summary>
    private const int MaxClasses = 4_096;

    /// <summary>Pools of all walks together, for the same reason.</summary>
    private const int MaxStops = 4_000_000;

    private readonly Dictionary<RequestClass, PoolWalk?> walks = [];
    private long stops;

    /// <summary>The memory of a world; a new one when law, fleet or day have changed.</summary>
    public static WalkMemory Of(Question question)
    {
        var day = DateOnly.FromDateTime(question.AsOf.UtcDateTime);
        if (question.World.PlacerMemory is WalkMemory known && known.IsFor(question, day)) return known;
        var fresh = new WalkMemory(question.Law, question.World.Nodes, day);
        question.World.PlacerMemory = fresh;
        return fresh;
    }

    /// <summary>The walk of a class that has come before; null for one that comes for the first time.</summary>
    /// <param name="question">The request as it was asked and shaped.</param>
    /// <param name="subject">What the law looks at of it.</param>
    public PoolWalk? For(Question question, LawSubject subject)
    {
        var of = ClassOf(question, subject);
        if (!walks.TryGetValue(of, out var walk))
        {
            if (walks.Count >= MaxClasses) Forget();
            walks.Add(of, null);
            return null;
        }

        if (walk is not null) return walk;
        walk = new PoolWalk(question, Placer.Usable(question, subject));
        if (stops + walk.Length > MaxStops) Forget();
        stops += walk.Length;
        walks[of] = walk;
        return walk;
    }

    /// <summary>The walk of a class if there is one already.</summary>
    public PoolWalk? Known(Question question, LawSubject subject) =>
        question.Request.Kind == WorkloadKind.Gang || question.Request.Units == 1
            ? walks.GetValueOrDefault(ClassOf(question, subject))
            : null;

    private static RequestClass ClassOf(Question question, LawSubject subject)
    {
        var request = question.Request;
        return new(subject, request.Unit, request.HomeRegion, request.Priority, request.Isolation)
        {
            Units = request.Units,
        };
    }

    private bool IsFor(Question question, DateOnly today) =>
        ReferenceEquals(question.Law, law) && ReferenceEquals(question.World.Nodes, nodes) && today == day;

    private void Forget()
    {
        walks.Clear();
        stops = 0;
    }

    /// <summary>Requests that may use the same pools at the same cost.</summary>
    private sealed record RequestClass(
        LawSubject Subject, UnitNeed Unit, RegionId? Home, int Priority, IsolationLevel Isolation)
    {
        public required int Units { get; init; }
    }
}
