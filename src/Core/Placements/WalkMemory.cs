using ControlPlane.Inventory;
using ControlPlane.Policies;
using ControlPlane.Regions;
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

    /// <summary>Refusals remembered at once, each with the verdicts of every pool; likewise.</summary>
    private const int MaxRefusals = 256;

    private readonly Dictionary<RequestClass, object?> walks = [];
    private readonly Dictionary<PlacementRequest, Explanation> refusals = [];
    private (long Revision, ReservationBook? Reservations, DateTimeOffset AsOf) refusedOn;
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
    public PoolWalk? For(Question question, LawSubject subject) => (PoolWalk?)For(
        question, subject, static (question, usable) =>
        {
            var walk = new PoolWalk(question, usable);
            return (walk, walk.Length);
        });

    /// <summary>The same for units that are spread.</summary>
    public SpreadWalk? SpreadFor(Question question, LawSubject subject) => (SpreadWalk?)For(
        question, subject, static (question, usable) => (new SpreadWalk(question, usable), usable.Count));

    private object? For(
        Question question, LawSubject subject, Func<Question, List<FleetPool>, (object Walk, int Stops)> make)
    {
        var of = ClassOf(question, subject);
        if (!walks.TryGetValue(of, out var walk))
        {
            if (walks.Count >= MaxClasses) Forget();
            walks.Add(of, null);
            return null;
        }

        if (walk is not null) return walk;
        (walk, var length) = make(question, Placer.Usable(question, subject));
        if (stops + length > MaxStops) Forget();
        stops += length;
        walks[of] = walk;
        return walk;
    }

    /// <summary>The walk of a class if there is one already.</summary>
    public PoolWalk? Known(Question question, LawSubject subject) =>
        question.Request.Kind == WorkloadKind.Gang || question.Request.Units == 1
            ? walks.GetValueOrDefault(ClassOf(question, subject)) as PoolWalk
            : null;

    private static RequestClass ClassOf(Question question, LawSubject subject)
    {
        var request = question.Request;
        return new(subject, request.Unit, request.HomeRegion, request.Priority, request.Isolation)
        {
            Units = request.Units,
            Spread = request.Spread,
        };
    }

    /// <summary>
    /// Why a request that differs at most in the name of its workload was refused; null when none was, or when the
    /// world has changed since in anything that decisions depend on.
    /// </summary>
    public Explanation? RefusalOf(World world, PlacementRequest request, DateTimeOffset asOf)
    {
        Renew(world, asOf);
        return refusals.Count == 0 ? null : refusals.GetValueOrDefault(request with { Workload = "" });
    }

    /// <summary>Remembers why a request was refused.</summary>
    public void Remember(World world, (PlacementRequest Request, DateTimeOffset AsOf) asked, Explanation refusal)
    {
        Renew(world, asked.AsOf);
        if (refusals.Count >= MaxRefusals) refusals.Clear();
        refusals[asked.Request with { Workload = "" }] = refusal;
    }

    private void Renew(World world, DateTimeOffset asOf)
    {
        // Within a day only reservations look at the instant.
        var on = (world.Revision, world.Reservations, world.Reservations.All.Count == 0 ? default : asOf);
        if (on.Revision == refusedOn.Revision && ReferenceEquals(on.Reservations, refusedOn.Reservations)
            && on.Item3 == refusedOn.AsOf) return;
        refusals.Clear();
        refusedOn = on;
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

        public required SpreadNeed? Spread { get; init; }
    }
}
