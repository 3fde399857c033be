using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ControlPlane.Failover;

namespace ControlPlane.SiteAgent.Tests.Failover;

/// <summary>
/// Answers agents as a control plane does, in memory: credentials for keys, leases for sessions, desired work by
/// revision, reports. It decides nothing; a test says what is desired where.
/// </summary>
internal sealed class ServerDouble(TimeProvider clock) : HttpMessageHandler
{
    private readonly Lock gate = new();
    private readonly Dictionary<SiteId, Site> sites = [];
    private TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(20);

    public string JoinToken { get; init; } = "join-me";

    /// <summary>Whether anything reaches it.</summary>
    public bool IsGone { get; set; }

    /// <summary>Timeline of its database.</summary>
    public long Timeline { get; set; } = 1;

    /// <summary>Longest wait of a question for desired work.</summary>
    public TimeSpan DesiredWait { get; init; } = TimeSpan.FromSeconds(20);

    public int Renewals { get; private set; }

    public int Enrolments { get; private set; }

    public AgentReport? Report(SiteId site)
    {
        lock (gate) return sites.GetValueOrDefault(site)?.Report;
    }

    /// <summary>Says what a site is to run.</summary>
    public void Want(SiteId site, params WorkOrder[] orders)
    {
        lock (gate)
        {
            var known = Of(site);
            known.Orders = [.. orders.OrderBy(order => order.Placement)];
            known.Revision++;
            news.TrySetResult();
            news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Forgets the key of a site's agent, so that another one may join.</summary>
    public void Forget(SiteId site)
    {
        lock (gate) Of(site).PublicKey = null;
    }

    /// <summary>Ends the session of a site, as after it was taken for lost.</summary>
    public void EndSession(SiteId site)
    {
        lock (gate)
        {
            var known = Of(site);
            known.Over = known.Session;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsGone) throw new HttpRequestException("connection refused");
        var path = request.RequestUri!.AbsolutePath;
        if (path == "/v1/agent/enrol") return await EnrolAsync(request, cancellationToken);
        var bearer = request.Headers.Authorization?.Parameter;
        Site? site;
        lock (gate) site = sites.Values.FirstOrDefault(known => known.Credential == bearer && bearer is not null);
        if (site is null || clock.GetUtcNow() > site.CredentialUntil) return new(HttpStatusCode.Unauthorized);
        return path switch
        {
            "/v1/agent/renew" => Json(Renew(site, await BodyAsync<RenewRequest>(request, cancellationToken))),
            "/v1/agent/report" => Json(Take(site, await BodyAsync<AgentReport>(request, cancellationToken))),
            "/v1/agent/desired" => Json(await DesiredAsync(site, request, cancellationToken)),
            _ => new(HttpStatusCode.NotFound),
        };
    }

    private async Task<HttpResponseMessage> EnrolAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var asked = await BodyAsync<EnrolRequest>(request, cancellation);
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(asked.PublicKey), out _);
        var proof = Encoding.UTF8.GetBytes(asked.Proof);
        var isHolder = key.VerifyData(proof, Convert.FromBase64String(asked.Signature), HashAlgorithmName.SHA256);
        lock (gate)
        {
            var site = Of(asked.Site);
            var mayJoin = site.PublicKey is null && asked.JoinToken == JoinToken;
            if (!isHolder || !(mayJoin || site.PublicKey == asked.PublicKey)) return new(HttpStatusCode.Unauthorized);
            Enrolments++;
            site.PublicKey = asked.PublicKey;
            site.Credential = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
            site.CredentialUntil = clock.GetUtcNow().AddMinutes(10);
            return Json(new EnrolAnswer(asked.Site, site.Credential, 600));
        }
    }

    private RenewAnswer Renew(Site site, RenewRequest request)
    {
        lock (gate)
        {
            RenewRefusal? refusal = null;
            if (request.Session == site.Over) refusal = RenewRefusal.SessionOver;
            else if (site.Session is { } open && open.Number > request.Session.Number)
                refusal = RenewRefusal.NewerSession;
            else site.Session = request.Session;
            Renewals++;
            return new()
            {
                Session = request.Session,
                SentAtMilliseconds = request.SentAtMilliseconds,
                Refusal = refusal,
                LeaseMilliseconds = (long)Lease.TotalMilliseconds,
                StopMilliseconds = 5000,
                Timeline = Timeline,
                Revision = site.Revision,
            };
        }
    }

    private ReportAnswer Take(Site site, AgentReport report)
    {
        lock (gate)
        {
            var accepted = report.Session == site.Session;
            if (accepted) site.Report = report;
            return new(report.Session, accepted);
        }
    }

    private async Task<DesiredWork> DesiredAsync(Site site, HttpRequestMessage request, CancellationToken cancellation)
    {
        var query = System.Web.HttpUtility.ParseQueryString(request.RequestUri!.Query);
        var after = long.Parse(query["after"]!, CultureInfo.InvariantCulture);
        var session = query["session"]!.Split('-');
        Task waiting;
        lock (gate) waiting = site.Revision > after ? Task.CompletedTask : news.Task;
        await Task.WhenAny(waiting, Task.Delay(DesiredWait, clock, cancellation));
        lock (gate)
        {
            return new()
            {
                Session = new(long.Parse(session[0], CultureInfo.InvariantCulture), session[1]),
                Revision = site.Revision,
                Full = true,
                After = after,
                Orders = site.Orders.ToSeq(),
            };
        }
    }

    private Site Of(SiteId id)
    {
        if (!sites.TryGetValue(id, out var site)) sites[id] = site = new();
        return site;
    }

    // What goes over the wire does so as text, so that both sides read what the other wrote.
    private static async Task<T> BodyAsync<T>(HttpRequestMessage request, CancellationToken cancellation) =>
        JsonSerializer.Deserialize<T>(await request.Content!.ReadAsStringAsync(cancellation), AgentJson.Options)!;

    private static HttpResponseMessage Json<T>(T answer) =>
        new(HttpStatusCode.OK) { Content = JsonContent.Create(answer, options: AgentJson.Options) };

    private sealed class Site
    {
        public string? PublicKey { get; set; }
        public string? Credential { get; set; }
        public DateTimeOffset CredentialUntil { get; set; }
        public AgentSession? Session { get; set; }
        public AgentSession? Over { get; set; }
        public long Revision { get; set; } = 1;
        public IReadOnlyList<WorkOrder> Orders { get; set; } = [];
        public AgentReport? Report { get; set; }
    }
}
