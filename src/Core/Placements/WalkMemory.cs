using ControlPlane.Inventory;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Remembers a walk for each class of requests that comes more than once, for one world under one law on one day.
/// Classes whose law comes to the same, such as those of two tenants, share one. It changes how fast a decision is
/// made, never which.
/// </summary>
internal sealed class WalkMemory(Law law, NodeColumns nodes, DateOnly day)
{
    /// <summary>Classes remembered at once; past it the memory is emptied, so that strangers cannot fill it.</summary>
    private const int MaxClasses = 16_384;

    /// <summary>Walks remembered at once, or known to be wanted again, for the same reason.</summary>
    private const int MaxWalks = 4_096;

    /// <summary>Pools of all walks together, for the same reason.</summary>
    private const int MaxStops = 4_000_000;

    /// <summary>Refusals remembered at once, each with the verdicts of every pool; likewise.</summary>
    private const int MaxRefusals = 256;

    private readonly Dictionary<RequestClass, object> walks = [];

    // The same walks by what they depend on; null for what has come once.
    private readonly Dictionary<WalkClass, object?> shared = [];
    private readonly Dictionary<PlacementRequest, Explanation> refusals = [];
    private (long Revision, ReservationBook? Reservations, DateTimeOffset AsOf) refusedOn;
    private long stops;
    private bool isByTenant;

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

    /// <summary>The same for several units, spread or not.</summary>
    public UnitsWalk? UnitsFor(Question question, LawSubject subject) => (UnitsWalk?)For(
        question, subject, static (question, usable) => (new UnitsWalk(question, usable), usable.Count));

    private object? For(
        Question question, LawSubject subject, Func<Question, List<FleetPool>, (object Walk, int Stops)> make)
    {
        // What nodes have room for depends on whose work it is as soon as some of it must be alone.
        if (!isByTenant && question.World.Tenancy.HasDedicated)
        {
            Forget();
            isByTenant = true;
        }

        var of = ClassOf(question, subject);
        if (walks.TryGetValue(of, out var walk)) return walk;
        var alike = AlikeTo(question, subject);
        if (!shared.TryGetValue(alike, out walk))
        {
            if (shared.Count >= MaxWalks) Forget();
            shared.Add(alike, null);
            return null;
        }

        var length = 0;
        if (walk is null) (walk, length) = make(question, Placer.Usable(question, subject));
        if (stops + length > MaxStops) Forget();
        if (walks.Count >= MaxClasses) walks.Clear();
        stops += length;
        shared[alike] = walk;
        walks.Add(of, walk);
        return walk;
    }

    /// <summary>The walk of a class if there is one already.</summary>
    public PoolWalk? Known(Question question, LawSubject subject) =>
        question.Request.Kind == WorkloadKind.Gang || question.Request.Units == 1
            ? walks.GetValueOrDefault(ClassOf(question, subject)) as PoolWalk
            : null;

    private static RequestClass ClassOf(Question question, LawSubject subject) =>
        new(subject, TermsOf(question.Request));

    private static Terms TermsOf(PlacementRequest request) => new(request.Unit, request.HomeRegion, request.Priority)
    {
        Isolation = request.Isolation,
        Units = request.Units,
        Spread = request.Spread,
    };

    private WalkClass AlikeTo(Question question, LawSubject subject)
    {
        var (_, law, request, asOf) = question;
        var lawful = law.LawfulPools(subject, asOf);
        return new(lawful, TermsOf(request))
        {
            IsGang = request.Kind == WorkloadKind.Gang,
            Capped = Caps.PoliciesOf(question, subject),
            Tenant = isByTenant || request.Isolation != IsolationLevel.Shared ? request.Tenant : null,
            Subject = lawful.Count == 0 ? subject : null,
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
        shared.Clear();
        stops = 0;
    }

    /// <summary>What a request asks for, as far as the choice of a place looks at it.</summary>
    private readonly record struct Terms(UnitNeed Unit, RegionId? Home, int Priority)
    {
        public required IsolationLevel Isolation { get; init; }

        public required int Units { get; init; }

        public required SpreadNeed? Spread { get; init; }
    }

    /// <summary>Requests that may use the same pools at the same cost.</summary>
    private sealed record RequestClass(LawSubject Subject, Terms Terms);

    /// <summary>All that a walk depends on beside the world.</summary>
    private sealed record WalkClass(PoolSet Lawful, Terms Terms)
    {
        public required bool IsGang { get; init; }

        /// <summary>Policies that limit how much may be used.</summary>
        public required Seq<PolicyId> Capped { get; init; }

        /// <summary>Whose work it is; null where that changes nothing.</summary>
        public required TenantId? Tenant { get; init; }

        /// <summary>Whose law leaves no pool, which is refused for different reasons; else null.</summary>
        public required LawSubject? Subject { get; init; }
    }
}
