using System.Globalization;
using ControlPlane.Files;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Capacity;

/// <summary>Reserves room for windows of time over HTTP, shows what is reserved and gives it up.</summary>
internal sealed class ReservationApi(DecisionLoop loop, TimeProvider time)
{
    private static readonly KeyValuePair<string, ReservationRepeat>[] repeats =
    [
        new("once", ReservationRepeat.Once), new("daily", ReservationRepeat.Daily),
        new("weekly", ReservationRepeat.Weekly),
    ];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/reservations", MakeAsync).Declared(ReservationOperations.Make);
        routes.MapRead("/v1/reservations", List).Declared(ReservationOperations.List);
        routes.MapDelete("/v1/reservations/{id}", EndAsync).Declared(ReservationOperations.End);
    }

    private IResult List(HttpRequest request) => Results.Ok(new ReservationListAnswer(
    [
        .. loop.Reservations.All
            .Where(item => Sees(Sight.Of(request.Caller(), Permission.ReservationsRead, loop.Fleet), item))
            .Select(AnswerOf),
    ]));

    private static bool Sees(Sight sight, Reservation item) =>
        sight.SeesTenant(item.Tenant.Value) && sight.SeesRegion(item.Region.Value);

    private async Task<IResult> MakeAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (fields, problem) = await RequestBody.ReadFieldsAsync(request, RequestLimits.BodyBytes, cancellation);
        if (problem is not null) return problem;
        // One of both is there.
        if (Read(fields!) is not { } reservation) return new ProblemAnswer(fields!.Wrong.Problems);
        if (!request.Caller().SpeaksFor(reservation.Tenant.Value))
            return new ProblemAnswer([ProblemCatalog.TenantForbidden.At(
                "/tenant", $"the token does not speak for '{reservation.Tenant}'")]);
        return await loop.SubmitAsync(new Reserve(reservation), cancellation) switch
        {
            ReservationStands { IsNew: true } stands =>
                Results.Created($"/v1/reservations/{stands.Reservation.Id}", AnswerOf(stands.Reservation)),
            ReservationStands stands => Results.Ok(AnswerOf(stands.Reservation)),
            ReservationDeclined { NameTaken: true } => ProblemAnswer.Of(
                ProblemCatalog.ReservationExists, $"{reservation.Tenant} has another reservation '{reservation.Name}'"),
            ReservationDeclined declined => ProblemAnswer.Of(ProblemCatalog.ReservationOverbooked,
                string.Create(CultureInfo.InvariantCulture,
                    $"{declined.ShortMilli / 1000m} accelerators are short at {declined.At:O}; decided on position "
                    + $"{declined.Position}")),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private async Task<IResult> EndAsync(Guid id, HttpRequest request, CancellationToken cancellation)
    {
        var known = loop.Reservations.Find(new ReservationId(id));
        if (known is not null && !Sees(Sight.OfOwn(request.Caller(), loop.Fleet), known)) return Missing(id);
        return await loop.SubmitAsync(new EndReservation(new ReservationId(id)), cancellation) switch
        {
            Released => Results.NoContent(),
            NotFound => Missing(id), // in the same words as another tenant's
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private static ProblemAnswer Missing(Guid id) => AnswerResults.Missing($"there is no reservation {id}");

    private Reservation? Read(FieldReader fields)
    {
        var now = time.GetUtcNow();
        var (tenant, name, region, sku) = (
            fields.Name("tenant"), fields.Name("name"), fields.Name("region"), fields.Name("sku"));
        var accelerators = fields.Whole("accelerators", required: true, 1, 1_000_000);
        var (from, until) = (Instant(fields, "from"), Instant(fields, "until"));
        var repeat = fields.Choice("repeat", required: false, repeats) ?? ReservationRepeat.Once;
        var repeatUntil = fields.Has("repeatUntil") ? Instant(fields, "repeatUntil") : null;
        var lendable = fields.Flag("lendable");
        var recall = fields.Whole("recallSeconds", required: false, 0, 86_400) ?? 0;
        fields.Finish();
        if (fields.Wrong.Any || tenant is null || name is null || region is null || sku is null || from is not { } start
            || until is not { } end) return null;
        if (end <= start || end <= now)
            fields.Complain(ProblemCatalog.OutOfRange, "until", "must be after from and after now");
        if (end - start > TimeSpan.FromDays(3_660))
            fields.Complain(ProblemCatalog.OutOfRange, "until", "is more than ten years after from");
        CheckRepeat(fields, (repeat, start, end), repeatUntil);
        if (loop.Fleet.FindOwn(new(region)) is null)
            fields.Complain(ProblemCatalog.RegionUnknown, "region", $"there is no region '{region}'"
                + NearestName.Hint(region, loop.Fleet.Own.Select(item => item.Id.Value)));
        if (loop.Fleet.FindSku(new(sku)) is null)
            fields.Complain(ProblemCatalog.AcceleratorUnknown, "sku", $"there is no model '{sku}'"
                + NearestName.Hint(sku, loop.Fleet.Skus.Select(item => item.Id.Value)));
        return fields.Wrong.Any ? null : new Reservation
        {
            Id = new ReservationId(Guid.CreateVersion7(now)), Tenant = new(tenant), Name = name, Region = new(region),
            Sku = new(sku), Accelerators = (int)(accelerators ?? 0), From = start, Until = end, Repeat = repeat,
            RepeatUntil = repeatUntil, Lendable = lendable, RecallSeconds = (int)recall,
        };
    }

    private static void CheckRepeat(
        FieldReader fields, (ReservationRepeat Repeat, DateTimeOffset From, DateTimeOffset Until) window,
        DateTimeOffset? repeatUntil)
    {
        if (window.Repeat == ReservationRepeat.Once)
        {
            if (repeatUntil is not null)
                fields.Complain(ProblemCatalog.FieldConflict, "repeatUntil", "needs repeat: daily or weekly");
            return;
        }

        var period = TimeSpan.FromDays(window.Repeat == ReservationRepeat.Daily ? 1 : 7);
        if (window.Until - window.From > period)
            fields.Complain(ProblemCatalog.OutOfRange, "until", "is after the next window starts");
        if (repeatUntil is not { } last || last <= window.From || last - window.From > period * 400)
            fields.Complain(ProblemCatalog.OutOfRange, "repeatUntil", "must be after from and within 400 windows");
    }

    private static DateTimeOffset? Instant(FieldReader fields, string name)
    {
        if (fields.Text(name, required: true) is not { } text) return null;
        if (DateTimeOffset.TryParseExact(
            text.Text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFK"], CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var at) && text.Text[^1] is 'Z' or >= '0' and <= '9')
            return at.ToUniversalTime();
        fields.Wrong.Add(ProblemCatalog.TimeFormat.At(
            text.Pointer, $"must be a time such as 2026-12-01T08:00:00Z, is '{Shown.Text(text.Text)}'"));
        return null;
    }

    private static ReservationAnswer AnswerOf(Reservation item) => new()
    {
        Id = item.Id.Value,
        Tenant = item.Tenant.Value,
        Name = item.Name,
        Region = item.Region.Value,
        Sku = item.Sku.Value,
        Accelerators = item.Accelerators,
        From = item.From,
        Until = item.Until,
        Repeat = repeats.First(choice => choice.Value == item.Repeat).Key,
        RepeatUntil = item.RepeatUntil,
        Lendable = item.Lendable,
        RecallSeconds = item.RecallSeconds,
    };
}
