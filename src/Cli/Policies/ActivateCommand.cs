using System.CommandLine;
using System.Text.Json;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;
using ControlPlane.Policies;

namespace ControlPlane.Cli.Policies;

/// <summary>
/// Puts the policies of a folder or revision in force on the server; an earlier revision brings them back.
/// </summary>
internal static class ActivateCommand
{
    public static Command Build(GlobalOptions global)
    {
        var from = new Argument<string>("FROM")
        {
            Description = "Folder or revision of git that holds the policies; . when left out",
            DefaultValueFactory = _ => ".",
        };
        var accept = new Option<int>("--accept-unlawful")
        {
            Description = "Placements that may become unlawful by it; 0 when left out",
            HelpName = "N",
        };
        var validateOnly = new Option<bool>("--validate-only")
        {
            Description = "Say what would happen to what runs, and change nothing; ends with 1 when something would",
        };
        var command = new Command(
            "activate", "Put policies in force; refused while more that runs would become unlawful than is accepted")
        {
            from, accept, validateOnly,
        };
        global.Let(command, (run, cancellation) =>
            ActivateAsync(run, new(run.Get(from)!, run.Get(accept), run.Get(validateOnly)), cancellation));
        return command;
    }

    private static async Task<int> ActivateAsync(CommandRun run, Activation asked, CancellationToken cancellation)
    {
        if (asked.AcceptUnlawful < 0) throw CommandFailure.Usage("--accept-unlawful must not be negative");
        var tree = Directory.Exists(asked.From)
            ? ReviewTree.Read(asked.From)
            : await GitTree.ReadAsync(asked.From, cancellation);
        var body = JsonSerializer.Serialize(new
        {
            files = tree.PolicyFiles.Where(IsLaw).Select(file => new { path = file.Path, text = file.Text }),
            acceptUnlawful = asked.AcceptUnlawful,
            validateOnly = asked.ValidateOnly,
        });
        // Safe to repeat: what is in force already changes nothing.
        var change = new Change(HttpMethod.Post, "v1/policies:activate", body, IdempotencyKey: null);
        var answer = await run.Server.SendAsync(change, cancellation);
        if (answer.Problem is { } problem) throw problem.Failure();
        Print(run, answer.Body);
        return asked.ValidateOnly && answer.Body.Items("newlyUnlawful").Any() ? ExitCode.No : ExitCode.Ok;
    }

    private static bool IsLaw(SourceFile file) => !PolicyFiles.IsCasesPath(file.Path);

    private static void Print(CommandRun run, JsonElement answer)
    {
        switch (run.Format)
        {
            case OutputFormat.Json:
                run.Screen.Out.WriteLine(DataText.Json(answer));
                return;
            case OutputFormat.Yaml:
                run.Screen.Out.WriteLine(DataText.Yaml(answer));
                return;
            case OutputFormat.Name:
                run.Screen.Line(answer.Text("digest"));
                return;
            case OutputFormat.Csv:
                run.Screen.Line("id,tenant,workload,rule,outlook");
                foreach (var item in answer.Items("newlyUnlawful"))
                {
                    run.Screen.Line(DataText.Csv([item.Text("id"), item.Text("tenant"), item.Text("workload"),
                        item.Text("rule"), item.Text("outlook")]));
                }

                return;
        }

        var word = !answer.Flag("inForce") ? "JUDGED   " : answer.Flag("changed") ? "ACTIVATED" : "UNCHANGED";
        run.Screen.Line($"{word}  {answer.Text("digest")}");
        foreach (var item in answer.Items("newlyUnlawful"))
        {
            var workload = $"{item.Text("tenant")}/{item.Text("workload")}";
            run.Screen.Line($"  unlawful  {workload}  {item.Text("rule")}  {item.Text("outlook")}");
        }

        var (lawful, alone) = (answer.Text("newlyLawful"), answer.Text("loseFailover"));
        run.Screen.Line($"  {lawful} newly lawful, {alone} without a failover site any more");
    }

    private sealed record Activation(string From, int AcceptUnlawful, bool ValidateOnly);
}
