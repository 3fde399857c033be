using ControlPlane.Failover;

namespace ControlPlane.Simulation;

/// <summary>
/// What lies between agents and servers: it delays, loses and repeats what is sent, in either direction, and is cut now
/// and then, both ways or one way.
/// </summary>
internal sealed class SimNetwork(VirtualTime time, SimDatabase database, SimTerms terms)
{
    private readonly HashSet<(SiteId Site, bool ToServer)> cut = [];

    public List<SimServer> Servers { get; } = [];

    public void Cut(SiteId site, bool toServer, bool fromServer, TimeSpan span)
    {
        time.Note($"{site} cut off{(toServer ? " to" : "")}{(fromServer ? " from" : "")} servers");
        if (toServer) cut.Add((site, true));
        if (fromServer) cut.Add((site, false));
        time.In(span, () => Heal(site));
    }

    public void Heal(SiteId site)
    {
        cut.Remove((site, true));
        cut.Remove((site, false));
    }

    public void Renew(SimSite site, RenewRequest request, Action<RenewAnswer> answered) =>
        Send(site.Id, toServer: true, () =>
        {
            if (Server() is not { } server || database.Renew(site.Id, request, terms.Loss) is not { } answer) return;
            answer = answer with { Revision = server.RevisionOf(site.Id) };
            Send(site.Id, toServer: false, () => answered(answer));
        });

    /// <summary>Waits at the server while there is nothing new, for a while.</summary>
    public void Desired(SimSite site, AskDesired ask, Action<DesiredWork?, AgentSession> answered)
    {
        var isAnswered = false;
        Send(site.Id, toServer: true, () => Wait(Server(), 6));
        // A client that hears nothing gives up some time, and asks anew.
        time.In(TimeSpan.FromSeconds(12), () => Once(null));

        void Wait(SimServer? server, int tries)
        {
            var desired = server?.Desired(site.Id, ask.Session, ask.After);
            if (desired is null && tries > 0)
            {
                time.In(TimeSpan.FromSeconds(1), () => Wait(server, tries - 1));
                return;
            }

            // Late answers still arrive: the host may have asked again meanwhile, and both reach the agent.
            Send(site.Id, toServer: false, () =>
            {
                if (desired is null) Once(null);
                else answered(desired, ask.Session);
                isAnswered = true;
            });
        }

        void Once(DesiredWork? desired)
        {
            if (isAnswered) return;
            isAnswered = true;
            answered(desired, ask.Session);
        }
    }

    public void Report(SimSite site, AgentReport report, Action<ReportAnswer> answered) =>
        Send(site.Id, toServer: true, () =>
        {
            if (Server() is null) return;
            var accepted = database.TakeReport(site.Id, report);
            Send(site.Id, toServer: false, () => answered(new ReportAnswer(report.Session, accepted)));
        });

    private SimServer? Server()
    {
        var server = Servers[time.Pick(Servers.Count)];
        return server.IsUp ? server : null;
    }

    private void Send(SiteId site, bool toServer, Action arrive)
    {
        var copies = time.Fault(0.02) ? 2 : 1;
        for (var copy = 0; copy < copies; copy++)
        {
            if (time.Fault(0.05)) continue;
            var delay = time.Fault(0.04) ? time.Between(1, 50) : time.Between(0.005, 0.2);
            time.In(delay, () =>
            {
                if (!cut.Contains((site, toServer))) arrive();
            });
        }
    }
}
