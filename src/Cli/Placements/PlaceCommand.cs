using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Policies;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Placements;

/// <summary>Asks for a place for the workload of a file, and says what was decided and why.</summary>
internal static class PlaceCommand
{
    private const int LongestKey = 255;

    public static Command Build(GlobalOptions global)
    {
        var file = new Option<string>("--file", "-f")
        {
            Description = "Request as YAML or JSON; - reads standard input",
            HelpName = "FILE",
            Required = true,
        };
        var plan = new Option<bool>("--plan") { Description = "Only say what would be decided; change nothing" };
        var explain = new Option<bool>("--explain") { Description = "Say why, for every site" };
        var hold = new Option<int?>("--hold")
        {
            Description = "Keep the room for so long instead of binding it; confirm with 'holds confirm'",
            HelpName = "SECONDS",
        };
        var key = new Option<string?>("--idempotency-key")
        {
            Description = "Key that makes it safe to run the command again; a new one when left out",
            HelpName = "KEY",
        };
        var asOf = new Option<DateTimeOffset?>("--as-of")
        {
            Description = "With --plan: day to judge by, such as 2027-01-31, with what runs today",
            HelpName = "DATE",
            CustomParser = result => UpcomingCommand.ParseDate(result),
        };
        var command = new Command("place", "Ask for a place for a workload")
        {
            file, plan, explain, hold, key, asOf,
        };
        global.Let(command, (run, cancellation) => PlaceAsync(
            run,
            new Question(run.Get(file)!, run.Get(plan), run.Get(explain), run.Get(hold), run.Get(key))
            {
                AsOf = run.Get(asOf),
            },
            cancellation));
        return command;
    }

    private static async Task<int> PlaceAsync(CommandRun run, Question question, CancellationToken cancellation)
    {
        Check(question);
        var request = RequestBody.Read(question.File);
        var path = question switch
        {
            { Plan: true, AsOf: { } day } =>
                string.Create(CultureInfo.InvariantCulture, $"v1/placements:plan?as_of={day:yyyy-MM-dd}"),
            { Plan: true } => "v1/placements:plan",
            { HoldSeconds: not null } => "v1/holds",
            _ => "v1/placements",
        };
        var key = question.Plan ? null : question.Key ?? Guid.NewGuid().ToString("D");
        var change = new Change(HttpMethod.Post, path, request.Json(question.Explain, question.HoldSeconds), key);
        var started = Stopwatch.GetTimestamp();
        var answer = await SendAsync(run, change, cancellation);
        if (answer.Problem is { } problem) throw request.Locate(problem);
        return AnswerText.Print(run, answer.Body, question.Explain, Stopwatch.GetElapsedTime(started));
    }

    // When nobody can say whether the place was given, the key is what finds it out.
    private static async Task<ServerAnswer> SendAsync(CommandRun run, Change change, CancellationToken cancellation)
    {
        try
        {
            var answer = await run.Server.SendAsync(change, cancellation);
            if (answer.Problem is { IsPassing: true } && change.IdempotencyKey is { } key) NoteKey(key);
            return answer;
        }
        catch (CommandFailure failure) when (failure.Slug == "unreachable" && change.IdempotencyKey is not null)
        {
            NoteKey(change.IdempotencyKey);
            throw;
        }
    }

    private static void NoteKey(string key) =>
        Screen.Note($"it is not known whether this was decided; run it again with --idempotency-key {key}");

    private static void Check(Question question)
    {
        if (question is { Plan: false, AsOf: not null }) throw CommandFailure.Usage("--as-of needs --plan");
        if (question is { Plan: true, HoldSeconds: not null })
            throw CommandFailure.Usage("--plan and --hold exclude each other");
        if (question is { Plan: true, Key: not null })
            throw CommandFailure.Usage("--plan changes nothing and takes no --idempotency-key");
        if (question.HoldSeconds is < 1 or > 86_400)
            throw CommandFailure.Usage($"--hold is {question.HoldSeconds}; must be 1 to 86400 seconds");
        if (question.Key is { } key && (key.Length is 0 or > LongestKey || key.Any(letter => letter is < '!' or > '~')))
            throw CommandFailure.Usage($"--idempotency-key needs 1 to {LongestKey} visible ASCII characters");
    }

    /// <summary>What the command line asks.</summary>
    private sealed record Question(string File, bool Plan, bool Explain, int? HoldSeconds, string? Key)
    {
        /// <summary>Day to judge by; now when null.</summary>
        public DateTimeOffset? AsOf { get; init; }
    }
}
