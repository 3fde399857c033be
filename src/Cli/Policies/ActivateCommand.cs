using System.CommandLine;
using System.Text.Json;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;
using ControlPlane.Policies;

namespace ControlPlane.Cli.Policies;

/// <summary>
/// Puts the policies of a folder or revision in force on the server, or a set that was in force before, everywhere or
/// in some regions.
/// </summary>
internal static class ActivateCommand
{
    private const int ShortestDigest = 8;

    public static Command Build(GlobalOptions global)
    {
        var from = new Argument<string?>("FROM")
        {
            Description = "Folder or revision of git that holds the policies; . when left out",
            Arity = ArgumentArity.ZeroOrOne,
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
        var digest = new Option<string?>("--digest")
        {
            Description =
                $"Bring back a set that was in force before, by {ShortestDigest} or more digits of its digest",
            HelpName = "DIGEST",
        };
        var regions = new Option<string[]>("--region")
        {
            Description = "Put it in force in this region only, ahead of the others; may be repeated",
            HelpName = "REGION",
        };
        var version = new Option<long?>("--version-number")
        {
            Description = "Number of the activation, such as that of a build; refused unless it is higher than the "
                + "one in force. The next when left out",
            HelpName = "N",
        };
        var command = new Command(
            "activate", "Put policies in force; refused while more that runs would become unlawful than is accepted")
        {
            from, accept, validateOnly, digest, regions, version,
        };
        global.Let(command, (run, cancellation) => ActivateAsync(run, new WantedActivation
        {
            From = run.Get(from),
            AcceptUnlawful = run.Get(accept),
            ValidateOnly = run.Get(validateOnly),
            Digest = run.Get(digest),
            Regions = run.Get(regions) ?? [],
            Version = run.Get(version),
        }, cancellation));
        return command;
    }

    private static async Task<int> ActivateAsync(
        CommandRun run, WantedActivation wanted, CancellationToken cancellation)
    {
        if (wanted.AcceptUnlawful < 0) throw CommandFailure.Usage("--accept-unlawful must not be negative");
        if (wanted.Version < 1) throw CommandFailure.Usage("--version-number must be 1 or more");
        var body = new Dictionary<string, object>
        {
            ["acceptUnlawful"] = wanted.AcceptUnlawful, ["validateOnly"] = wanted.ValidateOnly,
        };
        if (wanted.Regions.Length > 0) body["regions"] = wanted.Regions;
        if (wanted.Version is { } number) body["version"] = number;
        if (wanted.Digest is { } digest)
        {
            if (wanted.From is not null) throw CommandFailure.Usage("give FROM or --digest, not both");
            body["digest"] = await DigestAsync(run.Server, digest, cancellation);
        }
        else
        {
            var tree = await TreeAsync(wanted.From ?? ".", cancellation);
            body["files"] = tree.PolicyFiles.Where(IsLaw).Select(file => new { path = file.Path, text = file.Text });
            if (tree.Signature is { } signature)
                body["signature"] = new { keyId = signature.KeyId, value = signature.Value };
        }

        // Safe to repeat: what is in force already changes nothing.
        var change = new Change(
            HttpMethod.Post, "v1/policies:activate", JsonSerializer.Serialize(body), IdempotencyKey: null);
        var answer = await run.Server.SendAsync(change, cancellation);
        if (answer.Problem is { } problem) throw problem.Failure();
        Print(run, answer.Body);
        return wanted.ValidateOnly && answer.Body.Items("newlyUnlawful").Any() ? ExitCode.No : ExitCode.Ok;
    }

    private static async Task<ReviewTree> TreeAsync(string from, CancellationToken cancellation) =>
        Directory.Exists(from) ? ReviewTree.Read(from) : await GitTree.ReadAsync(from, cancellation);

    /// <summary>The whole digest of the one set that begins so.</summary>
    private static async Task<string> DigestAsync(
        ServerClient server, string digits, CancellationToken cancellation)
    {
        if (digits.Length < ShortestDigest)
            throw CommandFailure.Usage($"--digest needs {ShortestDigest} digits or more");
        var found = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var item in server.ListAsync(SetCommands.SetsPath, "sets", cancellation))
        {
            var digest = item.Text("digest");
            if (digest.StartsWith(digits, StringComparison.OrdinalIgnoreCase)) found.Add(digest);
        }

        return found.Count switch
        {
            1 => found.First(),
            0 => throw CommandFailure.Input("not-found", $"no set of policies {digits} was ever in force"),
            _ => throw CommandFailure.Usage($"{found.Count} sets begin with {digits}; give more digits"),
        };
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
                run.Screen.Line("id,tenant,workload,rule,outlook,deadline");
                foreach (var item in answer.Items("newlyUnlawful"))
                {
                    run.Screen.Line(DataText.Csv([item.Text("id"), item.Text("tenant"), item.Text("workload"),
                        item.Text("rule"), item.Text("outlook"), item.Text("deadline")]));
                }

                return;
        }

        var word = !answer.Flag("inForce") ? "JUDGED   " : answer.Flag("changed") ? "ACTIVATED" : "UNCHANGED";
        run.Screen.Line($"{word}  {answer.Text("digest")}  version {answer.Text("version")}");
        foreach (var item in answer.Items("newlyUnlawful"))
        {
            var workload = $"{item.Text("tenant")}/{item.Text("workload")}";
            run.Screen.Line($"  unlawful  {workload}  {item.Text("rule")}  {item.Text("outlook")}  "
                + $"may stay until {item.Text("deadline")}");
        }

        var (lawful, alone) = (answer.Text("newlyLawful"), answer.Text("loseFailover"));
        run.Screen.Line($"  {lawful} newly lawful, {alone} without a failover site any more");
    }
}

/// <summary>What was asked to be put in force.</summary>
internal sealed record WantedActivation
{
    public required string? From { get; init; }
    public required int AcceptUnlawful { get; init; }
    public required bool ValidateOnly { get; init; }
    public required string? Digest { get; init; }
    public required string[] Regions { get; init; }
    public required long? Version { get; init; }
}
