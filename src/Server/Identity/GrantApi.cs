using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Gives software agents less than somebody has, shows what they used, ends one of them and stops all of them, over
/// HTTP.
/// </summary>
internal sealed class GrantApi(DecisionLoop loop, LocalIssuer issuer, TimeProvider clock)
{
    private const int LongestReason = 500;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/agents", GrantAsync).Declared(GrantOperations.Grant);
        routes.MapRead("/v1/agents", List).Declared(GrantOperations.List);
        routes.MapRead("/v1/agents/{id}", Show).Declared(GrantOperations.Show);
        routes.MapPost("/v1/agents/{id}:end", EndAsync).Declared(GrantOperations.End);
        MapSwitch(routes, "stop", isHalted: true).Declared(GrantOperations.Stop);
        MapSwitch(routes, "resume", isHalted: false).Declared(GrantOperations.Resume);
    }

    private RouteHandlerBuilder MapSwitch(IEndpointRouteBuilder routes, string name, bool isHalted) => routes.MapPost(
        $"/v1/agents:{name}", (HttpRequest request, CancellationToken cancellation) =>
            SwitchAsync(isHalted, request, cancellation));

    private async Task<IResult> GrantAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (fields, problem) = await RequestBody.ReadFieldsAsync(request, RequestLimits.BodyBytes, cancellation);
        if (fields is null) return problem!; // one of the two is there
        var giver = request.Caller();
        if (new GrantReader(fields, giver).Read(loop.Fleet, Now()) is not { } grant)
            return new ProblemAnswer(fields.Wrong.Problems);
        return await loop.SubmitAsync(new GiveGrant(grant), cancellation) switch
        {
            GrantStands stands => Results.Created(
                $"/v1/agents/{grant.Id}", new GrantedAnswer(TokenOf(grant, giver), Of(stands.State))),
            TooManyGrants most => ProblemAnswer.Of(
                ProblemCatalog.TooMany, $"{most.Most} grants of {giver.Subject} are in force; end some first"),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private IResult List(HttpRequest request)
    {
        var (page, problem) = PageRequest.Of(request);
        if (problem is not null) return new ProblemAnswer([problem]);
        var seen = loop.Grants.Grants.Values
            .Where(state => Sees(request.Caller(), state))
            .Where(state => page.After.Length == 0
                || (Guid.TryParse(page.After, out var after) && state.Grant.Id.CompareTo(new GrantId(after)) > 0))
            .Take(page.Size + 1).ToList();
        var (rows, next) = page.Cut(seen, state => $"{state.Grant.Id}");
        return Results.Ok(new GrantPage(rows.ConvertAll(Of), next) { Stopped = EndOf(loop.Grants.Halt) });
    }

    private IResult Show(Guid id, HttpRequest request) =>
        Find(id, request) is { } state ? Results.Ok(Of(state)) : Missing(id);

    private async Task<IResult> EndAsync(Guid id, HttpRequest request, CancellationToken cancellation)
    {
        if (Find(id, request) is null) return Missing(id);
        var (because, problem) = await ReasonAsync(request, cancellation);
        if (problem is not null) return problem;
        return await loop.SubmitAsync(new EndGrant(new GrantId(id), because), cancellation) switch
        {
            GrantStands stands => Results.Ok(Of(stands.State)),
            NotFound => Missing(id),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private async Task<IResult> SwitchAsync(bool isHalted, HttpRequest request, CancellationToken cancellation)
    {
        var (because, problem) = await ReasonAsync(request, cancellation);
        if (problem is not null) return problem;
        return await loop.SubmitAsync(new HaltAgents(isHalted, because), cancellation) switch
        {
            AgentsStand stand => Results.Ok(new SwitchAnswer(EndOf(stand.Halt))),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private GrantState? Find(Guid id, HttpRequest request) =>
        loop.Grants.Find(new GrantId(id)) is { } state && Sees(request.Caller(), state) ? state : null;

    /// <summary>Whether every tenant and jurisdiction of a grant is within sight.</summary>
    private bool Sees(Caller caller, GrantState state)
    {
        var tenants = caller.TenantsSeen(Permission.AgentsRead);
        return (tenants is not { } seen || state.Grant.Tenants.All(seen.Contains))
            && (!caller.IsConfined || (state.Grant.Jurisdictions is { } confined
                && confined.All(id => caller.Reaches(loop.Fleet, id))));
    }

    /// <summary>What the agent sends; it has the name of the grant, so what is done with it counts there.</summary>
    private string TokenOf(AgentGrant grant, Caller giver)
    {
        var claims = new Dictionary<string, object>
        {
            ["iss"] = OwnIssuer.Credentials,
            ["sub"] = grant.OnBehalfOf,
            ["act"] = new Dictionary<string, object> { ["sub"] = grant.Agent },
            ["jti"] = $"{grant.Id}",
            ["roles"] = new[] { Role.Agent.Name },
            ["scope"] = string.Join(' ', grant.Scopes),
            ["tenants"] = grant.Tenants.ToArray(),
            ["exp"] = grant.Until.ToUnixTimeSeconds(),
        };
        if (grant.Jurisdictions is { } confined)
            claims["jurisdictions"] = confined.Select(id => id.Value).ToArray();
        if (giver.Residence is { } home) claims["residence"] = home.Value;
        return issuer.Mint(claims);
    }

    private static async Task<(string Because, IResult? Problem)> ReasonAsync(
        HttpRequest request, CancellationToken cancellation)
    {
        var (fields, problem) = await RequestBody.ReadFieldsAsync(request, RequestLimits.BodyBytes, cancellation);
        if (fields is null) return ("", problem);
        var text = fields.Text("because", required: true)?.Text.Trim() ?? "";
        if (!fields.Wrong.Any && text.Length is 0 or > LongestReason)
            fields.Complain(ProblemCatalog.TooLong, "because", $"must have 1 to {LongestReason} letters");
        if (FieldReader.Hidden(text) is not null)
            fields.Complain(ProblemCatalog.ValueUnknown, "because", "holds a character that cannot be seen");
        fields.Finish();
        return (text, fields.Wrong.Any ? new ProblemAnswer(fields.Wrong.Problems) : null);
    }

    private DateTimeOffset Now()
    {
        // To the second, as tokens say when they end.
        var now = clock.GetUtcNow();
        return new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
    }

    private GrantAnswer Of(GrantState kept)
    {
        var (now, grant) = (clock.GetUtcNow(), kept.Grant);
        var state = kept.InWindowOf(now);
        return new GrantAnswer
        {
            Id = grant.Id.Value,
            Agent = grant.Agent,
            OnBehalfOf = grant.OnBehalfOf,
            State = state.End is not null ? "ended" : state.IsOver(now) ? "over"
                : loop.Grants.Halt is not null ? "stopped" : "in-force",
            Scopes = grant.Scopes,
            Tenants = grant.Tenants,
            Jurisdictions = grant.Jurisdictions?.Select(id => id.Value).ToList(),
            From = grant.From,
            Until = grant.Until,
            Budget = new BudgetBody
            {
                Accelerators = grant.Budget.Accelerators,
                Moves = grant.Budget.Moves,
                Sites = grant.Budget.Sites,
                Regions = grant.Budget.Regions,
                WindowMinutes = (int)grant.Budget.Window.TotalMinutes,
            },
            Used = new UsedAnswer
            {
                Accelerators = state.AcceleratorMilli / 1000m,
                Moves = state.Moves,
                Sites = [.. state.Sites.Select(id => id.Value)],
                Regions = [.. state.Regions.Select(id => id.Value)],
                WindowUntil = state.WindowFrom + grant.Budget.Window,
            },
            Ended = EndOf(state.End),
        };
    }

    private static EndAnswer? EndOf(GrantEnd? end) => end is null ? null : new EndAnswer(end.At, end.Because, end.By);

    private static ProblemAnswer Missing(Guid id) => AnswerResults.Missing($"there is no software agent {id}");
}
