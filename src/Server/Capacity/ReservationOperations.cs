using System.ComponentModel;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Capacity;

/// <summary>Declares the operations on reservations.</summary>
internal static class ReservationOperations
{
    private const string Tag = "Capacity";

    public static ApiOperation Make { get; } = new("makeReservation", Tag, "Reserve accelerators for windows of time")
    {
        Needs = Permission.ReservationsWrite,
        Description =
            "What the tenant runs in the region counts as part of it; requests of others stop before it, at once and "
                + "not "
            + "only within the window, since a placement has no end. A lendable one may be used while it is idle by "
                + "work "
            + $"with the label {ReservationBook.PreemptibleLabel}: \"true\", which is ended recallSeconds before a "
                + $"window. "
            + "Asking again with the same name and the same content changes nothing.",
        Body = new(typeof(ReservationBody), RequestLimits.BodyBytes,
        [
            new("nightly", "sixteen every night for a month", """
                { "tenant": "klinik-nord", "name": "nightly-training", "region": "de-one", "sku": "h100",
                  "accelerators": 16, "from": "2030-01-01T20:00:00Z", "until": "2030-01-02T04:00:00Z",
                  "repeat": "daily", "repeatUntil": "2030-02-01T00:00:00Z", "lendable": true, "recallSeconds": 600 }
                """),
        ]),
        Answers =
        [
            new(StatusCodes.Status201Created, typeof(ReservationAnswer), "reserved")
            {
                Header = ("Location", "Path of the reservation."),
            },
            new(StatusCodes.Status200OK, typeof(ReservationAnswer), "reserved before, with the same content"),
        ],
        Problems =
        [
            .. ApiProblems.OfBodies, ProblemCatalog.FieldConflict, ProblemCatalog.OutOfRange,
            ProblemCatalog.NameFormat, ProblemCatalog.ValueUnknown, ProblemCatalog.TimeFormat,
            ProblemCatalog.RegionUnknown, ProblemCatalog.AcceleratorUnknown, ProblemCatalog.ReservationExists,
            ProblemCatalog.ReservationOverbooked, ProblemCatalog.TenantForbidden, .. ApiProblems.OfChanges,
        ],
    };

    public static ApiOperation List { get; } = new("listReservations", Tag, "List every reservation")
    {
        Needs = Permission.ReservationsRead,
        Answers = [new(StatusCodes.Status200OK, typeof(ReservationListAnswer), "ordered by id")],
        Problems = [ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation End { get; } = new("endReservation", Tag, "Give a reservation up")
    {
        Needs = Permission.ReservationsWrite,
        PathId = PathIdForm.Uuid,
        Answers = [new(StatusCodes.Status204NoContent, null, "it is given up")],
        Problems = [ProblemCatalog.NotFound, .. ApiProblems.OfChanges],
    };
}

/// <summary>Shows the form of a reservation that is asked for.</summary>
internal sealed record ReservationBody
{
    public required string Tenant { get; init; }

    [Description("Unique within the tenant.")]
    public required string Name { get; init; }

    public required string Region { get; init; }
    public required string Sku { get; init; }
    public required int Accelerators { get; init; }
    public required DateTimeOffset From { get; init; }

    [Description("End of the first window.")]
    public required DateTimeOffset Until { get; init; }

    [AllowedText("once", "daily", "weekly")]
    public string? Repeat { get; init; }

    [Description("No window starts at or after this.")]
    public DateTimeOffset? RepeatUntil { get; init; }

    public bool? Lendable { get; init; }

    [Description("Seconds before a window at which lent room is taken back; 0 when left out.")]
    public int? RecallSeconds { get; init; }
}

/// <summary>Shows a reservation.</summary>
internal sealed record ReservationAnswer
{
    public required Guid Id { get; init; }
    public required string Tenant { get; init; }
    public required string Name { get; init; }
    public required string Region { get; init; }
    public required string Sku { get; init; }
    public required int Accelerators { get; init; }
    public required DateTimeOffset From { get; init; }
    public required DateTimeOffset Until { get; init; }

    [AllowedText("once", "daily", "weekly")]
    public required string Repeat { get; init; }

    public DateTimeOffset? RepeatUntil { get; init; }
    public required bool Lendable { get; init; }
    public required int RecallSeconds { get; init; }
}

/// <summary>Shows every reservation.</summary>
internal sealed record ReservationListAnswer(IReadOnlyList<ReservationAnswer> Reservations);
