using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ControlPlane.Cli.Ledger;
using ControlPlane.Cli.Terminal;
using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Reviews;

namespace ControlPlane.Cli.Policies;

/// <summary>Shows what a change of regions or policies would do to what runs.</summary>
internal static class DiffCommand
{
    private const int DefaultDays = 30;
    private const int SettleEvery = 1_000;

    public static Command Build(GlobalOptions global)
    {
        var range = new Argument<string>("BASE")
        {
            Description = "BASE..HEAD or BASE...HEAD (revisions of git), or the folder or revision before the change",
        };
        var head = new Argument<string?>("HEAD")
        {
            Description = "Folder or revision after the change; the files as they are here when left out",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var ledger = new Option<string?>("--ledger")
        {
            Description =
                "Export that tells what runs, - for standard input; needs no server. The server's ledger when left out",
            HelpName = "FILE",
        };
        var snapshot = new Option<string?>("--snapshot")
        {
            Description = "Snapshot that tells what runs, as 'ledger snapshot' writes it; needs no server. It has no "
                + "earlier decisions to make once more",
            HelpName = "FILE",
        };
        var asOf = new Option<DateTimeOffset?>("--as-of")
        {
            Description = "Day to judge by, such as 2026-01-31; now when left out",
            HelpName = "DATE",
            CustomParser = ParseDate,
        };
        var days = new Option<int>("--days")
        {
            Description = $"Days of recorded decisions to make once more under the change; {DefaultDays} when left out",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultDays,
        };
        var command =
            new Command("diff",
            "Show what a change of regions or policies would do to what runs; ends with 1 when something gets worse")
        {
            range, head, ledger, snapshot, asOf, days,
        };
        global.Let(command, [OutputFormat.Markdown, OutputFormat.Sarif], (run, cancellation) =>
            DiffAsync(run, new DiffRequest
        {
            Before = run.Get(range)!,
            After = run.Get(head),
            Ledger = run.Get(ledger),
            Snapshot = run.Get(snapshot),
            AsOf = run.Get(asOf) ?? TimeProvider.System.GetUtcNow(),
            Days = run.Get(days),
        }, cancellation));
        return command;
    }

    private static async Task<int> DiffAsync(CommandRun run, DiffRequest request, CancellationToken cancellation)
    {
        if (request.Days is < 0 or > 3_650) throw CommandFailure.Usage($"--days must be 0 to 3650, is {request.Days}");
        if (request is { Ledger: not null, Snapshot: not null })
            throw CommandFailure.Usage("--ledger and --snapshot exclude each other");
        var (before, after) = await SidesAsync(request, cancellation);
        var (state, rejudged) = request.Snapshot is { } file
            ? (SnapshotFile.Read(file), new Rejudgement(before.Policies, after.Policies, request.AsOf))
            : Fold(
                request.Ledger is { } path
                    ? LedgerLines.OfFile(path)
                    : LedgerLines.OfServerAsync(run.Server, cancellation).ToBlockingEnumerable(cancellation),
                (before, after), request);
        var effect = PolicyDiff.Of(
            ReviewQuestion.Of(state.World, request.AsOf),
            new ReviewSide(before.Fleet, before.Policies),
            new ReviewSide(after.Fleet, after.Policies));
        var finding = new DiffFinding
        {
            Request = request, Before = before, After = after, Effect = effect, Rejudged = rejudged, Position =
                state.Position,
        };
        DiffReport.Print(run, finding);
        return effect.IsHarmful ? ExitCode.No : ExitCode.Ok;
    }

    private static async Task<(ReviewTree Before, ReviewTree After)> SidesAsync(DiffRequest request,
        CancellationToken cancellation)
    {
        var (left, right) = (request.Before, request.After);
        if (right is null && !Directory.Exists(left) && left.Split("...") is [var ours, var theirs])
        {
            right = theirs.Length == 0 ? "HEAD" : theirs;
            left = await GitTree.ForkPointAsync(ours.Length == 0 ? "HEAD" : ours, right, cancellation);
        }
        else if (right is null && !Directory.Exists(left) && left.Split("..") is [var first, var second])
        {
            (left, right) = (first.Length == 0 ? "HEAD" : first, second.Length == 0 ? "HEAD" : second);
        }

        return (await SideAsync(left, cancellation), right is null ? ReviewTree.Read(".")
            : await SideAsync(right, cancellation));
    }

    private static async Task<ReviewTree> SideAsync(string name, CancellationToken cancellation) =>
        Directory.Exists(name) ? ReviewTree.Read(name) : await GitTree.ReadAsync(name, cancellation);

    /// <summary>Folds the ledger and makes the newer decisions once more, each on the state just before it.</summary>
    private static (LedgerState State, Rejudgement Rejudged) Fold(
        IEnumerable<string> lines, (ReviewTree Before, ReviewTree After) sides, DiffRequest request)
    {
        var state = new LedgerState(new FleetReader());
        var rejudged = new Rejudgement(sides.Before.Policies, sides.After.Policies, request.AsOf);
        var oldest = request.AsOf.AddDays(-request.Days);
        var verification = LedgerExport.Verify(lines, record =>
        {
            if (record.Event is PlacementDecided decided && record.At > oldest && request.Days > 0)
                rejudged.Add(state.World, decided.Id, decided.Request);
            state.Fold(record);
            if (record.Position % SettleEvery == 0) state.Settle();
        });
        return verification is LedgerBroken broken
            ? throw new CommandFailure(ExitCode.InvalidInput, "ledger-broken",
                $"line {broken.Line}, record {broken.Position}: {broken.Why}")
            : (state, rejudged);
    }

    /// <summary>Noon of the day, so that no offset moves it to another day.</summary>
    private static DateTimeOffset? ParseDate(ArgumentResult result)
    {
        var given = result.Tokens[0].Value;
        if (DateOnly.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return new DateTimeOffset(day.ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero);
        result.AddError($"'{given}' is no date such as 2026-01-31");
        return null;
    }
}

/// <summary>What was asked to be compared.</summary>
internal sealed record DiffRequest
{
    public required string Before { get; init; }
    public required string? After { get; init; }
    public required string? Ledger { get; init; }
    public required string? Snapshot { get; init; }
    public required DateTimeOffset AsOf { get; init; }
    public required int Days { get; init; }
}

/// <summary>What a comparison found.</summary>
internal sealed record DiffFinding
{
    public required DiffRequest Request { get; init; }
    public required ReviewTree Before { get; init; }
    public required ReviewTree After { get; init; }
    public required ChangeEffect Effect { get; init; }
    public required Rejudgement Rejudged { get; init; }

    /// <summary>Ledger position that what runs was taken from.</summary>
    public required long Position { get; init; }
}
