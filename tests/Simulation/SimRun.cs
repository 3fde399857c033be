using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Simulation;

/// <summary>What came of one seed.</summary>
internal sealed record SimResult(int Seed, ulong Trace, Seq<string> Faults, long Events, long Starts, int Moves)
{
    public int Injected { get; init; }

    public string Text { get; init; } = "";
}

/// <summary>
/// Runs one seed: five sites, two servers, one database, four minutes of faults, then peace until all has settled, and
/// then what must hold is looked at.
/// </summary>
internal sealed class SimRun
{
    private static readonly TimeSpan FaultsEnd = TimeSpan.FromSeconds(240);
    private static readonly TimeSpan PeaceEnds = TimeSpan.FromSeconds(540);

    private readonly VirtualTime time;
    private readonly SimTerms terms;
    private readonly SimRuns runs;
    private readonly SimDatabase database;
    private readonly SimNetwork network;
    private readonly List<SimServer> servers;
    private readonly List<SimSite> sites;
    private int injected;

    private SimRun(int seed, Defect defect, bool keepTrace)
    {
        time = new VirtualTime(seed, keepTrace);
        terms = SimTerms.For(defect);
        runs = new SimRuns(time);
        database = new SimDatabase(time, defect);
        network = new SimNetwork(time, database, terms);
        servers = [new("server-1", time, database, terms), new("server-2", time, database, terms)];
        network.Servers.AddRange(servers);
        sites = [.. SimFleet.Sites.Select(id => new SimSite(id, time, terms, runs) { Network = network })];
    }

    public static SimResult Of(int seed, Defect defect = Defect.None, bool keepTrace = false)
    {
        var run = new SimRun(seed, defect, keepTrace);
        try
        {
            run.Go();
        }
        catch (Exception bug) when (bug is not OutOfMemoryException)
        {
            // Code that stops rather than go on wrongly is found here like anything else.
            run.runs.Fault($"stopped: {bug.Message} {bug.StackTrace}");
        }

        return new SimResult(
            seed, run.time.Trace, run.runs.Faults.ToSeq(), run.time.Events, run.runs.Starts,
            run.database.Records.Count(record =>
                record.Event is MoveStepped { Step: MoveStep.Starting, Timeline: > 0 }))
        {
            Injected = run.injected, Text = run.time.Text,
        };
    }

    private void Go()
    {
        foreach (var site in sites) time.In(time.Between(0, 3), site.StartAgent);
        foreach (var server in servers) server.Begin();
        time.In(TimeSpan.FromSeconds(25), Inject);
        time.In(time.Between(30, 200), () => Decree(tries: 150));
        time.RunUntil(FaultsEnd);
        Pacify();
        // Nothing is left to do when all is settled; a world that is not gets its time.
        for (var end = FaultsEnd + TimeSpan.FromSeconds(60); end <= PeaceEnds; end += TimeSpan.FromSeconds(30))
        {
            time.RunUntil(end);
            if (runs.Faults.Count > 0 || Unsettled().Count == 0) break;
        }

        foreach (var fault in Unsettled()) runs.Fault(fault);
        CheckLedger();
    }

    private void Inject()
    {
        if (!time.IsFaulty) return;
        time.In(time.Between(2, 20), Inject);
        injected++;
        var site = sites[time.Pick(sites.Count)];
        switch (time.Pick(15))
        {
            case 0 or 1 or 2:
                network.Cut(site.Id, toServer: true, fromServer: true, time.Between(2, 60));
                break;
            case 3:
                network.Cut(site.Id, toServer: true, fromServer: false, time.Between(2, 60));
                break;
            case 4:
                network.Cut(site.Id, toServer: false, fromServer: true, time.Between(2, 60));
                break;
            case 5:
                site.CutPower(time.Between(1, 80));
                break;
            case 6:
                site.KillAgent(time.Between(0.2, 60));
                break;
            case 7:
                site.PauseAgent(time.Between(1, 50));
                break;
            case 8:
                servers[time.Pick(servers.Count)].Kill(time.Between(0.5, 30));
                break;
            case 9:
                database.IsUp = false;
                time.In(time.Between(0.5, 15), () => database.IsUp = true);
                break;
            case 10 when time.Chance(0.3):
                database.Promote();
                break;
            case 11:
                Operate(site, time.Chance(0.7));
                break;
            case 12:
                Release();
                break;
            case 13:
                site.ForgetStarts(time.Between(1, 60));
                break;
            default:
                servers[time.Pick(servers.Count)].Submit(_ => Dead(site));
                break;
        }
    }

    /// <summary>An operator drains or cordons a site, and lets go again after a while.</summary>
    private void Operate(SimSite site, bool drain)
    {
        var server = servers[time.Pick(servers.Count)];
        server.Submit(state => Change(
            state, site.Id, drain ? SiteChangeKind.Draining : SiteChangeKind.Cordoned,
            condition => condition with { Cordoned = !drain, Draining = drain, Statement = "maintenance" }));
        time.In(time.Between(10, 90), () => Uncordon(server, site.Id));
    }

    /// <summary>An operator states that a site without power is dead; the session ends whatever comes in.</summary>
    private SiteChanged? Dead(SimSite site)
    {
        if (site.HasPower && terms.Defect != Defect.DeadIsAssumed) return null;
        database.EndSession(site.Id);
        return Change(servers[0].State, site.Id, SiteChangeKind.DeclaredDead,
            condition => condition with { DeclaredDead = true, Statement = "burnt down" });
    }

    /// <summary>Somebody puts policies into force that deny some places from some days on.</summary>
    private void Decree(int tries)
    {
        servers[tries % 2].Submit(state => state.InForce.Version > 0 ? null : SimFleet.Policies);
        if (tries > 0) time.In(TimeSpan.FromSeconds(2), () => Decree(tries - 1));
    }

    private void Release()
    {
        var id = new DecisionId(new Guid(time.Pick(SimFleet.Workloads) + 1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]));
        if (time.Chance(0.7)) return;
        servers[time.Pick(servers.Count)].Submit(state =>
            state.World.Find(id) is null ? null : new PlacementReleased(id, ReleaseReason.Released));
    }

    private SiteChanged? Change(
        LedgerState state, SiteId site, SiteChangeKind kind, Func<SiteCondition, SiteCondition> change)
    {
        var condition = state.World.Sites.Find(site)
            ?? new SiteCondition { Site = site, Health = SiteHealth.Healthy, Since = time.Instant };
        var next = change(condition);
        return next == condition ? null : new SiteChanged(kind, next, "by an operator");
    }

    private void Uncordon(SimServer server, SiteId site) => server.Submit(state => Change(
        state, site, SiteChangeKind.Uncordoned,
        condition => condition with { Cordoned = false, Draining = false, DeclaredDead = false, Statement = null }));

    private void Pacify()
    {
        time.Note("peace");
        (time.IsFaulty, database.IsUp) = (false, true);
        foreach (var site in sites) network.Heal(site.Id);
        // Servers that are down come back by themselves; what operators closed is opened when they are.
        time.In(TimeSpan.FromSeconds(40), () =>
        {
            foreach (var site in sites) Again(site.Id, 100);
        });

        void Again(SiteId site, int tries)
        {
            var server = servers[tries % 2];
            Uncordon(server, site);
            if (tries > 0) time.In(TimeSpan.FromSeconds(2), () => Again(site, tries - 1));
        }
    }

    /// <summary>What is not as the ledger says: lost, left over, or still on its way.</summary>
    private List<string> Unsettled()
    {
        var state = Folded();
        var wrong = new List<string>();
        foreach (var id in state.World.Moving)
            wrong.Add($"leaked hold: {id} is still moving, {state.World.Find(id)!.Move!.Step}"); // as it is moving
        foreach (var id in state.World.Dependents)
        {
            var placement = state.World.Find(id)!; // it is among those that are there
            if (!Dependencies.Hold(state.World, placement))
                wrong.Add($"torn: {placement.Request.Workload} is away from what it needs");
        }

        wrong.AddRange(Unremedied(state));
        foreach (var site in sites)
        {
            var wanted = SiteWork.OrdersFor(state.World, site.Id).ToDictionary(order => order.Placement);
            var live = site.Work.Where(item => item.IsLive).ToList();
            foreach (var order in wanted.Values)
            {
                if (!live.Exists(item => item.Placement == order.Placement && item.Epoch == order.Epoch))
                    wrong.Add($"lost: {order.Workload} {order.Epoch} does not run at {site.Id}");
            }

            foreach (var item in live)
            {
                if (!wanted.TryGetValue(item.Placement, out var order) || order.Epoch != item.Epoch)
                    wrong.Add($"left over: {item.Placement} {item.Epoch} runs at {site.Id}");
            }
        }

        return wrong;
    }

    /// <summary>What the law of the coming days denies, although there is a place to go to.</summary>
    private IEnumerable<string> Unremedied(LedgerState state)
    {
        var ahead = LawAhead.Of(state.Law, time.Instant, terms.Loss.LawAhead);
        var question = new PlanQuestion
        {
            Id = Guid.Empty, Kind = MoveKind.Remedy, Sites = [], AsOf = time.Instant, Ahead = ahead,
        };
        return FailoverPlanner.PlanRemedy(state.World, state.Law, question, ahead.Denied(state.World)).Moves
            .Select(move => $"unlawful before long: {move.Placement} could leave and does not");
    }

    /// <summary>Whether the ledger folds, from the base, to a world whose room adds up, everywhere the same.</summary>
    private void CheckLedger()
    {
        var state = Folded();
        foreach (var pool in state.World.Fleet.Pools)
        {
            var taken = state.World.Placements.SelectMany(placement => placement.Occupied
                .Where(unit => unit.Node.Pool == pool.Id).Select(_ => placement.Request.Unit.AcceleratorMilli)).Sum();
            var free = state.World.Nodes.FreeAcceleratorMilli(pool.Index);
            if (free + taken != pool.Nodes * 8_000) runs.Fault($"leaked: {pool.Id} has {free} free and {taken} taken");
            for (var node = 0; node < pool.Nodes; node++)
            {
                if (!state.World.Nodes.IsSound(pool.Index, node)) runs.Fault($"overcommitted: {pool.Id} {node}");
            }
        }

        foreach (var server in servers.Where(server => server.IsUp && server.CatchUp()))
        {
            if (server.State.Hash != state.Hash || !server.State.World.Sites.Conditions.SequenceEqual(
                state.World.Sites.Conditions)) runs.Fault("a server has another state than the ledger");
        }
    }

    private LedgerState Folded()
    {
        var state = SimFleet.Origin.CopyWithoutKeys();
        foreach (var record in database.Records) state.Fold(record);
        return state;
    }
}
