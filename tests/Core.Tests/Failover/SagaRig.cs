using ControlPlane.Capacity;
using ControlPlane.Failover;
using ControlPlane.Files;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>Five sites whose agents do as they are told, or do not, and moves that are taken step by step.</summary>
internal sealed class SagaRig
{
    private RoundPace pace;
    private LossTerms terms;
    private readonly HashSet<SiteId> silent = [];
    private int second;

    private SagaRig(LedgerState state, LossTerms terms)
    {
        (State, this.terms, pace) = (state, terms, new RoundPace(terms));
        foreach (var site in SimFleet.Sites)
        {
            var condition = new SiteCondition
            {
                Site = site, Health = SiteHealth.Healthy, Since = VirtualTime.Start,
            };
            Append(new SiteChanged(SiteChangeKind.Joined, condition, "test"));
        }
    }

    public LedgerState State { get; }

    private DateTimeOffset Now => VirtualTime.Start.AddSeconds(second);

    /// <summary>The sites as they are at first, all well.</summary>
    public static SagaRig Plain(LossTerms terms) => new(SimFleet.Origin.Copy(), terms);

    /// <summary>Three nodes of a site in France with two accelerators in use on each.</summary>
    public static SagaRig Fragmented(LossTerms terms)
    {
        var rig = Plain(terms);
        // What fills the rest of a node is released again.
        for (var number = 0; number < 3; number++)
        {
            rig.Place(100 + number, 2);
            rig.Place(200 + number, 6);
        }

        for (var number = 0; number < 3; number++)
            rig.Append(new PlacementReleased(Id(200 + number), ReleaseReason.Released));
        rig.UsedNode = rig.Find(Id(100)).Units[0].Node;
        return rig;
    }

    /// <summary>The first node on which one of the three runs.</summary>
    public NodeId UsedNode { get; private set; }

    public List<DecisionId> OnNode(NodeId node) =>
    [
        .. State.World.Placements.Where(placement => placement.Units.Any(unit => unit.Node == node))
            .Select(placement => placement.Id).Order(),
    ];

    public List<NodeId> NodesOf(NodePoolId pool) =>
        [.. Enumerable.Range(0, State.World.Fleet.FindPool(pool)!.Nodes).Select(node => new NodeId(pool, node))];

    public SiteId SiteOf(NodeId node) => State.World.Fleet.FindPool(node.Pool)!.Site.Id;

    public void Set(NodeId node, NodeDuty? duty) => Append(new NodeChanged(node, duty, "test"));

    public void Drain(NodeId node) => Set(node, NodeDuty.Draining);

    /// <summary>An operator empties a site, or closes or opens it.</summary>
    public void Operate(SiteId site, SiteChangeKind kind)
    {
        var after = State.World.Sites.Find(site)! with // it joined
        {
            Draining = kind == SiteChangeKind.Draining, Cordoned = kind == SiteChangeKind.Cordoned,
        };
        Append(new SiteChanged(kind, after, "test"));
    }

    /// <summary>The same, judged by other terms from now on.</summary>
    public SagaRig With(LossTerms others)
    {
        (terms, pace) = (others, new RoundPace(others));
        return this;
    }

    /// <summary>From now on nothing is heard of a site, or again.</summary>
    public void Silence(SiteId site, bool isSilent = true) => _ = isSilent ? silent.Add(site) : silent.Remove(site);

    /// <summary>Lands the plan for a node that is drained, and takes no step of it.</summary>
    public void LandDrain(NodeId node) => Append(new PlanLanded(DecommissionSaga.Plan(
        State.World, State.Law,
        DecommissionSaga.Question(State.World, [node], new Guid(6, 6, 6, new byte[8]), Now))));

    /// <summary>
    /// Leaves the first placement of a site only, beside as many small things as are asked for on one node, which are
    /// lawful all over the EU.
    /// </summary>
    public SagaRig Crowd(SiteId site, int many)
    {
        foreach (var id in State.World.WorkAt(site).Order().Skip(1).ToList())
            Append(new PlacementReleased(id, ReleaseReason.Released));
        var pool = State.World.Fleet.Pools.First(pool => pool.Site.Id == site);
        var node = NodesOf(pool.Id).First(node => OnNode(node).Count == 0);
        for (var number = 600; number < 600 + many; number++)
        {
            var unit = new UnitBinding(node, 1UL << (number - 600), 0);
            Append(Decided(number, Request(number, 1) with { Residency = [new("EU")] }, [unit]));
        }

        return this;
    }

    /// <summary>Two units of two accelerators on different nodes of one site.</summary>
    public DecisionId PlacePair(int number)
    {
        var request = Request(number, 2) with { Units = 2 };
        var nodes = NodesOf(UsedNode.Pool).Where(node => OnNode(node).Count == 0).Take(2).ToList();
        Append(Decided(number, request, [.. nodes.Select(node => new UnitBinding(node, 3, 0))]));
        return Id(number);
    }

    public Placement Find(DecisionId id) => State.World.Find(id)!; // tests ask for what they placed

    /// <summary>The state with its keys, for digests of it.</summary>
    public LedgerState Whole() => State;

    public MovePlan PlanDefragmentation() => DefragmentPlan.Of(
        Consolidation.Plan(State.World, State.Law, (10, Now)), State, new Guid(7, 7, 7, new byte[8]));

    public void Land(MovePlan plan)
    {
        var (landed, why) = DefragmentPlan.Land(State, new PlanLanded(plan), Now);
        Assert.True(landed is not null, why);
        State.Settle();
    }

    /// <summary>What is free on every node.</summary>
    public List<(long Milli, long CpuMilli, long MemoryMib)> Room() =>
    [
        .. State.World.Fleet.Pools.SelectMany(pool => Enumerable.Range(0, pool.Nodes).Select(node =>
            ((long)State.World.Nodes.FreeMilli(pool.Index, node), State.World.Nodes.FreeCpuMilli(pool.Index, node),
                State.World.Nodes.FreeMemoryMib(pool.Index, node)))),
    ];

    /// <summary>Puts something else on a node.</summary>
    public void Occupy(NodeId node)
    {
        Append(Decided(300, Request(300, 1), [new UnitBinding(node, 1UL << 7, 0)]));
    }

    private PlacementDecided Decided(int number, PlacementRequest request, Seq<UnitBinding> units) => new()
    {
        Id = Id(number), Request = request, IdempotencyKey = $"{number}", RequestHash = RequestHash.Of(request, null),
        PolicyDigest = State.Law.Policies.Digest, EngineVersion = Replay.EngineVersion,
        Decision = new Placed(units, 1),
    };

    /// <summary>A policy that lets nothing move any more.</summary>
    public void ForbidMoves() => Enact(Still);

    /// <summary>A policy that lets what has this label move no more.</summary>
    public void ForbidMovesOf(Label label) => Enact(Still.Replace(
        "everything: true", $"matchLabels:\n    - {{ key: {label.Key}, value: {label.Value} }}",
        StringComparison.Ordinal));

    /// <summary>A policy by which everything has to be in Germany.</summary>
    public void AllowGermanyOnly() => Enact(GermanyOnly);

    private void Enact(string policy)
    {
        Seq<SourceFile> files = [new SourceFile("policies/still.yaml", policy)];
        Append(new PoliciesActivated(files, PolicyFiles.Parse(files).Value.Digest));
    }

    private static readonly string GermanyOnly = Still.Replace(
        "kind: mobility\n    mayMove: false", "kind: residency\n    allow: [\"DE\"]", StringComparison.Ordinal);

    private const string Still = """
        schemaVersion: 1
        id: still
        because: Nothing moves.
        source:
          law: Operating rules
          article: Mobility
        owner: test
        validFrom: 2020-01-01
        enforcement: mandatory
        match:
          everything: true
        rules:
          - rule: still
            kind: mobility
            mayMove: false

        """;

    /// <summary>Rounds one second apart with sites that do at once what they are told.</summary>
    public List<MoveStepped> Run(int seconds, bool twice)
    {
        var taken = new List<MoveStepped>();
        for (var end = second + seconds; second < end; second++)
        {
            var sights = Obedient();
            taken.AddRange(Round(sights));
            if (twice) taken.AddRange(Round(sights));
        }

        return taken;
    }

    /// <summary>The same, with the first step of a kind lost before it is durable.</summary>
    public bool RunLosing(MoveStep lost, DecisionId placement, int seconds)
    {
        var lostOnce = false;
        for (var end = second + seconds; second < end; second++)
        {
            var mark = State.Mark();
            var records = Unsettled(Obedient());
            if (!lostOnce && Steps(records).Any(step => step.Step == lost && step.Placement == placement))
            {
                State.UndoTo(mark);
                pace.Forget();
                lostOnce = true;
            }
            else State.Settle();
        }

        return lostOnce;
    }

    /// <summary>Rounds in which no site reports anything.</summary>
    public List<MoveStepped> RunDeaf(int seconds)
    {
        var taken = new List<MoveStepped>();
        for (var end = second + seconds; second < end; second++)
            taken.AddRange(Round([.. Heard().Select(sight => sight with { Report = null })]));
        return taken;
    }

    /// <summary>
    /// Runs a while in which no site reports anything: a placement that is to move stays where it is each time, and
    /// once nothing moves any more there is as much room as before.
    /// </summary>
    public void AssertStays(DecisionId placement, int seconds, Action end, List<(long, long, long)> room)
    {
        var epoch = Find(placement).Epoch;

        var taken = RunDeaf(seconds).Where(step => step.Placement == placement).ToList();

        Assert.True(taken.Count(step => step.Step == MoveStep.Undone) > 1, string.Join('\n', taken));
        Assert.Equal(epoch, Find(placement).Epoch);
        end();
        RunDeaf(10);
        Assert.Equal(room, Room());
    }

    /// <summary>Rounds in which sites stop what they are told to, and start nothing.</summary>
    public void RunWhereNothingStarts(int seconds)
    {
        for (var end = second + seconds; second < end; second++)
            Round([.. Heard().Select(sight => sight with { Report = ReportOf(sight, State, []) })]);
    }

    public void Append(LedgerEvent happened)
    {
        State.Append(happened, Now);
        State.Settle();
    }

    private List<MoveStepped> Round(Seq<SiteSight> sights)
    {
        var records = Unsettled(sights);
        State.Settle();
        return Steps(records);
    }

    private Seq<LedgerRecord> Unsettled(Seq<SiteSight> sights) => FailoverRound.Run(State, new RoundQuestion
    {
        Sights = sights, Timeline = 1, WatchedFor = TimeSpan.FromHours(1), Now = Now,
        NewId = () => new Guid(9, 9, 9, new byte[8]),
    }, pace).Records;

    private static List<MoveStepped> Steps(Seq<LedgerRecord> records) =>
        [.. records.Select(record => record.Event).OfType<MoveStepped>()];

    private Seq<SiteSight> Obedient() =>
    [
        .. Heard().Select(sight => silent.Contains(sight.Site)
            ? sight with { SilentFor = terms.FenceAfter }
            : sight with { Report = ReportOf(sight, State, SiteWork.OrdersFor(State.World, sight.Site)) }),
    ];

    /// <summary>Every site, heard of just now.</summary>
    internal static IEnumerable<SiteSight> Heard() => SimFleet.Sites.Select(site => new SiteSight
    {
        Lease = new SiteLease { Site = site, Session = new AgentSession(1, "a"), IsGuarded = true, Renewals = 1 },
        SilentFor = TimeSpan.Zero,
    });

    /// <summary>What an agent tells that runs what is asked of it.</summary>
    internal static AgentReport ReportOf(SiteSight sight, LedgerState state, Seq<WorkOrder> orders) => new()
    {
        Session = sight.Lease.Session!, // sites that are heard have one
        Revision = state.Position,
        Sequence = 1,
        Work =
        [
            .. orders.Select(order => new ObservedWork
            {
                Placement = order.Placement, Epoch = order.Epoch, RunClass = order.RunClass,
                Status = WorkStatus.Running,
            }),
        ],
    };

    private void Place(int number, int accelerators) => Place(number, Request(number, accelerators));

    public DecisionId Place(int number, PlacementRequest request)
    {
        var decided = SimFleet.Decide(State, request, Id(number).Value, Now);
        Assert.IsType<Placed>(decided.Decision);
        Append(decided);
        return decided.Id;
    }

    public static PlacementRequest Request(int number, int accelerators) =>
        SimFleet.Request($"part-{number}", RunClass.Exclusive, "FR", 1) with
        {
            Unit = new UnitNeed { Accelerators = accelerators, CpuMilli = 1_000, MemoryMib = 1_024 },
        };

    private static DecisionId Id(int number) => new(new Guid(number, 0, 0, new byte[8]));
}
