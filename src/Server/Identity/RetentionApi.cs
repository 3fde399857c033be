using System.ComponentModel;
using System.Globalization;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Identity;

/// <summary>Tells over HTTP how long records are kept whole, and what was and what would be let go.</summary>
internal sealed class RetentionApi(RetentionReconciler retention, RetentionStore rows)
{
    private static readonly ApiOperation show = new("getRetention", "Audit", "Tell how long records are kept whole")
    {
        Needs = Permission.AuditRead,
        Description = "What was let go left its hashes, so heads and proofs about it stay what they are.",
        Answers = [new(StatusCodes.Status200OK, typeof(RetentionAnswer), "what is kept, what went, what is due")],
        Problems = [ProblemCatalog.StoreUnavailable],
    };

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapRead("/v1/audit/retention", ShowAsync).Declared(show);

    private async Task<IResult> ShowAsync(CancellationToken cancellation)
    {
        var count = await rows.CountAsync(cancellation);
        var last = await retention.ReadAsync(cancellation);
        var plan = await retention.PlanAsync(cancellation);
        return Results.Ok(new RetentionAnswer
        {
            Days = retention.Terms?.Days,
            LeastDays = RecordsRetired.LeastDays,
            Held = retention.Terms?.Held.Count ?? 0,
            Whole = count.Whole,
            Retired = count.Retired,
            Last = last is null ? null : new RetiredAnswer
            {
                UpTo = last.UpTo,
                Before = Text(last.Before),
                RecordedAt = last.RecordedAt,
                Done = last.IsDone,
                StateDigest = Convert.ToHexStringLower(last.StateDigest.Span),
            },
            Next = plan is null ? null : new DueAnswer
            {
                After = plan.Last?.UpTo ?? 0, UpTo = plan.UpTo, Before = Text(plan.Before),
            },
        });
    }

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}

/// <summary>Shows how long the content of records is kept.</summary>
internal sealed record RetentionAnswer
{
    [Description("Days for which every record is kept whole; absent when for ever.")]
    public int? Days { get; init; }

    [Description("Least that may be asked for.")]
    public required int LeastDays { get; init; }

    [Description("Names whose records are kept whole however old they are.")]
    public required int Held { get; init; }

    [Description("Records that are whole.")]
    public required long Whole { get; init; }

    [Description("Records that are there by their hashes only.")]
    public required long Retired { get; init; }

    [Description("Absent while all content is there.")]
    public RetiredAnswer? Last { get; init; }

    [Description("Absent when nothing is old enough.")]
    public DueAnswer? Next { get; init; }
}

/// <summary>Shows what was let go.</summary>
internal sealed record RetiredAnswer
{
    [Description("Last position that it reaches; what is still needed up to there is whole.")]
    public required long UpTo { get; init; }

    [Description("Everything up to there is older than this.")]
    public required string Before { get; init; }

    [Description("Position of the record that says so.")]
    public required long RecordedAt { get; init; }

    [Description("Whether everything has gone that was to go.")]
    public required bool Done { get; init; }

    [Description("SHA-256 of the state from which the ledger goes on, in hexadecimal digits.")]
    public required string StateDigest { get; init; }
}

/// <summary>Shows what is let go at the next look; what is still needed of it stays.</summary>
internal sealed record DueAnswer
{
    [Description("Position behind which it begins.")]
    public required long After { get; init; }

    public required long UpTo { get; init; }
    public required string Before { get; init; }
}
