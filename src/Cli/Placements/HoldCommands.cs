using System.CommandLine;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Placements;

/// <summary>Confirms and releases holds.</summary>
internal static class HoldCommands
{
    public static Command Build(GlobalOptions global) =>
        new("holds", "Confirm or release room that is held") { Confirm(global), Release(global) };

    private static Command Confirm(GlobalOptions global)
    {
        var id = new Argument<string>("ID") { Description = "Id of the hold" };
        var command = new Command("confirm", "Bind what is held") { id };
        global.Let(command, async (run, cancellation) =>
        {
            var answer = await PostAsync(run, run.Get(id)!, "confirm", cancellation);
            return AnswerText.Print(run, answer.Body, explain: false, elapsed: null);
        });
        return command;
    }

    private static Command Release(GlobalOptions global)
    {
        var id = new Argument<string>("ID") { Description = "Id of the hold" };
        var command = new Command("release", "Give what is held back") { id };
        global.Let(command, async (run, cancellation) =>
        {
            await PostAsync(run, run.Get(id)!, "release", cancellation);
            run.Screen.Line($"released holds/{Ids.Of(run.Get(id)!)}");
            return ExitCode.Ok;
        });
        return command;
    }

    // The key is that of the hold and the verb, so that a command run twice is the same command.
    private static async Task<ServerAnswer> PostAsync(
        CommandRun run, string id, string verb, CancellationToken cancellation)
    {
        var change = new Change(HttpMethod.Post, $"v1/holds/{Ids.Escape(id)}:{verb}", null, $"{Ids.Escape(id)}:{verb}");
        var answer = await run.Server.SendAsync(change, cancellation);
        return answer.Problem is { } problem ? throw problem.Failure() : answer;
    }
}
