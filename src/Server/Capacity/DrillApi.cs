using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Capacity;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Capacity;

/// <summary>Plays losses through on what runs now, over HTTP, and keeps a signed record of each.</summary>
internal sealed class DrillApi(StateTurns states, DrillStore drills, ServerKey key)
{
    /// <summary>As answers are written, so that what is signed is what is read.</summary>
    private static readonly JsonSerializerOptions json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/drills", RunAsync).Declared(DrillOperations.Run);
        routes.MapRead("/v1/drills", ListAsync).Declared(DrillOperations.List);
        routes.MapRead("/v1/drills/{id}", ShowAsync).Declared(DrillOperations.Show);
    }

    private async Task<IResult> RunAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (fields, problem) = await RequestBody.ReadFieldsAsync(request, RequestLimits.BodyBytes, cancellation);
        if (problem is not null) return problem;
        var scenario = fields!.Text("scenario", required: true); // there when there is no problem
        var rates = RatesOf(fields);
        fields.Finish();
        if (fields.Wrong.Any || scenario is null) return new ProblemAnswer(fields.Wrong.Problems);
        return await states.OnStateAsync(
            (state, now) => PlayAsync(state, (scenario, rates), now, cancellation), cancellation);
    }

    private static DrillRates RatesOf(FieldReader fields)
    {
        var usual = DrillRates.Usual;
        return new DrillRates
        {
            Fence = Seconds(fields, "fenceSeconds", usual.Fence),
            Start = Seconds(fields, "startSeconds", usual.Start),
            RestoreMibPerSecond = fields.Whole("restoreMibPerSecond", required: false, 1, 1_000_000_000)
                ?? usual.RestoreMibPerSecond,
            MovesAtOnce = (int)(fields.Whole("movesAtOnce", required: false, 1, 10_000) ?? usual.MovesAtOnce),
        };
    }

    private static TimeSpan Seconds(FieldReader fields, string name, TimeSpan usual) =>
        fields.Whole(name, required: false, 0, 86_400) is { } seconds ? TimeSpan.FromSeconds(seconds) : usual;

    private async Task<IResult> PlayAsync(
        LedgerState state, (BodyText Scenario, DrillRates Rates) asked, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var parsed = ScenarioText.Parse(asked.Scenario.Text, state.World.Fleet, now);
        if (!parsed.IsValid)
            return new ProblemAnswer(parsed.Problems.Select(item => item with { Path = asked.Scenario.Pointer }));
        var before = LedgerSnapshot.DigestTextOf(state);
        var drill = Drill.Run(state.World, state.Law, (parsed.Value, asked.Rates), now);
        var last = await drills.LastAsync(drill.Survival.Scenario, cancellation);
        var answer = DrillWriter.Of(state.World.Fleet, drill) with
        {
            Id = Guid.CreateVersion7(now),
            StateDigestBefore = before,
            StateDigestAfter = LedgerSnapshot.DigestTextOf(state),
            Since = last is null ? null : DrillWriter.Compare(
                JsonSerializer.Deserialize<DrillAnswer>(last.Body, json)!, drill), // our own text
        };
        var body = JsonSerializer.Serialize(answer, json);
        var row = new DrillRow(
            answer.Id, answer.Scenario, now.UtcDateTime, drill.IsBroken, body, key.Id,
            key.Sign(Encoding.UTF8.GetBytes(body)));
        await drills.AddAsync(row, cancellation);
        return Results.Created($"/v1/drills/{answer.Id}", RecordOf(row));
    }

    private async Task<IResult> ShowAsync(Guid id, CancellationToken cancellation) =>
        await drills.FindAsync(id, cancellation) is { } row
            ? Results.Ok(RecordOf(row))
            : AnswerResults.Missing($"there is no drill {id}");

    private Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation) => states.OnStateAsync(
        async (state, now) =>
        {
            var days = request.Query["max_age_days"].FirstOrDefault() is { } text
                ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) // checked at the edge
                : DrillOperations.UsualAgeDays;
            var newest = await drills.NewestAsync(cancellation);
            var rows = Scenario.Usual(state.World.Fleet).Select(scenario => scenario.Name)
                .Concat(newest.Select(row => row.Scenario)).Distinct().Order(StringComparer.Ordinal)
                .Select(name => StatusOf(name, newest.Find(row => row.Scenario == name), now.AddDays(-days)));
            return Results.Ok(new DrillListAnswer([.. rows]));
        },
        cancellation);

    private static DrillStatusAnswer StatusOf(string scenario, DrillRow? last, DateTimeOffset oldest) => new(
        scenario, last?.Id, last is null ? null : new DateTimeOffset(last.RanAt, TimeSpan.Zero), last?.Broken,
        last is null || last.RanAt < oldest.UtcDateTime);

    private DrillRecordAnswer RecordOf(DrillRow row) => new(
        JsonSerializer.Deserialize<DrillAnswer>(row.Body, json)!, row.Body, row.KeyId, // our own text
        Convert.ToBase64String(row.Signature),
        row.KeyId == key.Id ? Convert.ToBase64String(key.PublicKey) : null);
}
