using System.Globalization;
using System.Text.Json;
using ControlPlane.Failover;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Failover;

/// <summary>
/// Speaks with the agents of sites: enrols them, renews their leases, tells them what to run and takes in what they
/// see. An agent speaks for the one site that its credential names.
/// </summary>
internal sealed class AgentApi(DecisionLoop loop, SiteStore store, AgentJoin join, LossTerms terms)
{
    /// <summary>Bytes of a report; a site with a hundred thousand pieces of work fits.</summary>
    private const int MostReportBytes = 32 * 1024 * 1024;

    private const int MostOtherBytes = 16 * 1024;

    /// <summary>How long a question for newer work waits for some.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/agent/enrol", EnrolAsync).Declared(AgentOperations.Enrol);
        routes.MapPost("/v1/agent/renew", RenewAsync).Declared(AgentOperations.Renew);
        routes.MapRead("/v1/agent/desired", DesiredAsync).Declared(AgentOperations.Desired);
        routes.MapPost("/v1/agent/report", ReportAsync).Declared(AgentOperations.Report);
    }

    private async Task<IResult> EnrolAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (asked, problem) = await ReadAsync<EnrolRequest>(request, MostOtherBytes, cancellation);
        if (asked is null) return problem!; // one of the two is there
        if (loop.Fleet.Sites.All(site => site.Id != asked.Site))
            return ProblemAnswer.Of(ProblemCatalog.NotFound, $"there is no site {Shown.Text(asked.Site.Value)}");
        var (answer, refusal) = await join.EnrolAsync(asked, cancellation);
        return answer is null ? ProblemAnswer.Of(ProblemCatalog.EnrolRefused, refusal) : Ok(answer);
    }

    private async Task<IResult> RenewAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.Caller().Site is not { } site) return NoSite();
        var (asked, problem) = await ReadAsync<RenewRequest>(request, MostOtherBytes, cancellation);
        if (asked is null) return problem!; // one of the two is there
        var renewal = await store.RenewAsync(site, asked, cancellation);
        return Ok(new RenewAnswer
        {
            // Where a newer one is open, the agent is told which.
            Session = renewal.Refusal == RenewRefusal.NewerSession ? renewal.Lease.Session! : asked.Session,
            SentAtMilliseconds = asked.SentAtMilliseconds,
            Refusal = renewal.Refusal,
            LeaseMilliseconds = (long)terms.Lease.TotalMilliseconds,
            StopMilliseconds = (long)terms.Stop.TotalMilliseconds,
            Timeline = renewal.Timeline,
            Revision = loop.Revisions is { } revisions && revisions.TryGetValue(site, out var revision) ? revision : 0,
        });
    }

    /// <summary>
    /// What the site should run, all of it. A server that has not come as far as the ledger was when the session began
    /// gives no answer: it might not know yet that the site was lost.
    /// </summary>
    private async Task<IResult> DesiredAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.Caller().Site is not { } site) return NoSite();
        if (SessionOf(request.Query["session"].FirstOrDefault("")!) is not { } session)
            return new ProblemAnswer([ProblemCatalog.ValueUnknown.At("?session", "must be NUMBER-NONCE")]);
        // Checked at the edge.
        var after = long.Parse(request.Query["after"].FirstOrDefault("0")!, CultureInfo.InvariantCulture);
        for (var waited = TimeSpan.Zero; waited < Wait; waited += LookEvery)
        {
            if (loop.Revisions is not { } revisions || !revisions.TryGetValue(site, out var known) || known > after)
            {
                if (await OrdersAsync(site, session, cancellation) is not { } orders) return SessionOver();
                if (orders.Revision > after) return Ok(Of(session, after, orders));
            }

            await Task.Delay(LookEvery, cancellation);
        }

        return Results.NoContent();
    }

    /// <summary>
    /// The orders; with revision 0 while this server is behind, null when the session is not the site's.
    /// </summary>
    private async Task<Orders?> OrdersAsync(SiteId site, AgentSession session, CancellationToken cancellation)
    {
        var nothing = new Orders(0, 0, []);
        if (await loop.SubmitAsync(new AskOrders(site), cancellation) is not Orders orders) return nothing;
        // Looked at after the orders: a session that is over by now is told nothing from before its end.
        if (await store.FindLeaseAsync(site, cancellation) is not { IsOver: false } lease || lease.Session != session)
            return null;
        return orders.Position >= lease.OpenedAt ? orders : nothing;
    }

    private async Task<IResult> ReportAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.Caller().Site is not { } site) return NoSite();
        var (report, problem) = await ReadAsync<AgentReport>(request, MostReportBytes, cancellation);
        if (report is null) return problem!; // one of the two is there
        var kept = report with { Signals = AgentWord.Of(site, report.Signals) };
        return Ok(new ReportAnswer(report.Session, await store.ReportAsync(site, kept, cancellation)));
    }

    private static DesiredWork Of(AgentSession session, long after, Orders orders) => new()
    {
        Session = session, Revision = orders.Revision, Full = true, After = after, Orders = orders.Work,
    };

    private static AgentSession? SessionOf(string text)
    {
        var hyphen = text.IndexOf('-', StringComparison.Ordinal);
        return hyphen > 0
            && long.TryParse(text.AsSpan(0, hyphen), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new AgentSession(number, text[(hyphen + 1)..])
            : null;
    }

    private static async Task<(T? Value, IResult? Problem)> ReadAsync<T>(
        HttpRequest request, int mostBytes, CancellationToken cancellation) where T : class
    {
        var (bytes, problem) = await RequestBody.ReadAsync(request, mostBytes, cancellation);
        if (problem is not null) return (null, problem);
        if (bytes.Length == 0) return (null, ProblemAnswer.Of(ProblemCatalog.BodyMissing, "the body is empty"));
        try
        {
            return (JsonSerializer.Deserialize<T>(bytes, AgentJson.Options), null);
        }
        catch (JsonException malformed)
        {
            return (null, ProblemAnswer.Of(ProblemCatalog.JsonSyntax, Shown.Text(malformed.Message)));
        }
    }

    private static IResult Ok<T>(T value) => Results.Json(value, AgentJson.Options);

    private static ProblemAnswer NoSite() =>
        ProblemAnswer.Of(ProblemCatalog.RoleMissing, "the credential names no site");

    private static ProblemAnswer SessionOver() =>
        ProblemAnswer.Of(ProblemCatalog.SessionOver, "renew to learn why, and open a new one");
}
