using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Placements;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Capacity;

/// <summary>Plays changes through on a copy of what runs; exit code 1 when they would refuse or lose
/// something.</summary>
internal static class WhatIfCommand
{
    private static readonly Seq<string> FileLists = ["regionFiles", "policyFiles"];

    private static readonly Listing Survival = new("survival", "", "scenario",
    [
        Column.Of("scenario", "scenario"), Column.Number("missingBefore", "missingAcceleratorsBefore"),
        Column.Number("missingAfter", "missingAcceleratorsAfter"), Column.Number("lostBefore", "notRecoveredBefore"),
        Column.Number("lostAfter", "notRecoveredAfter"),
    ]);

    private static readonly Listing Refusals = new("refusals", "", "workload",
    [
        Column.Of("workload", "workload"), Column.Of("tenant", "tenant"), Column.Of("reason", "reason"),
        new Column("runsToday", item => item.Flag("runsToday") ? "yes" : "no"),
    ]);

    public static Command Build(GlobalOptions global)
    {
        var file = new Option<string>("--file", "-f")
        {
            Description = "Changes: nodes, power, removeSites, regionFiles, policyFiles, removePolicies, workloads, "
                + "endPlacements; files are named by their path and read from there",
            HelpName = "CHANGES.yaml",
            Required = true,
        };
        var command = new Command("whatif", "Play changes through on a copy of what runs; nothing changes") { file };
        global.Let(command, async (run, cancellation) =>
        {
            var body = RequestBody.Read(run.Get(file)!);
            var json = WithFiles(JsonNode.Parse(body.Json(explain: false, holdSeconds: null))!.AsObject());
            var change = new Change(HttpMethod.Post, "v1/whatif", json, IdempotencyKey: null);
            var answer = await run.Server.SendAsync(change, cancellation);
            if (answer.Problem is { } problem) throw body.Locate(problem);
            Print(run, answer.Body);
            var worse = answer.Body.Items("refusals").Any() || answer.Body.Items("unlawful").Any()
                || answer.Body.Items("survival").Any(item =>
                    item.Decimal("missingAcceleratorsAfter") > item.Decimal("missingAcceleratorsBefore")
                    || item.Whole("notRecoveredAfter") > item.Whole("notRecoveredBefore"));
            return worse ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Puts the text of files beside their paths.</summary>
    private static string WithFiles(JsonObject body)
    {
        foreach (var name in FileLists)
        {
            if (body[name] is not JsonArray paths) continue;
            body[name] = new JsonArray([.. paths.Select(path => (JsonNode)new JsonObject
            {
                ["path"] = $"{path}", ["text"] = InputFile.Read($"{path}").Text,
            })]);
        }

        return body.ToJsonString();
    }

    private static void Print(CommandRun run, JsonElement answer)
    {
        if (DataText.Print(run.Screen, run.Format, answer)) return;

        if (run.Format is OutputFormat.Csv or OutputFormat.Name)
        {
            Survival.Print(run.Screen, run.Format, answer.Items("survival"));
            return;
        }

        var screen = run.Screen;
        screen.Line($"WHAT IF (no change made)  {answer.Text("placed")} workloads placed, {answer.Text("moved")} "
            + $"moved, "
            + $"{answer.Items("refusals").Count()} refused, {answer.Items("unlawful").Count()} no longer lawful");
        foreach (var (title, field) in ((string, string)[])
            [("ready", "allocatable"), ("free", "free"), ("of use", "usable"), ("stranded by law", "strandedByLaw"),
                ("stranded by power", "strandedByPower")])
            screen.Line($"  {title,-18} {answer.Text($"before.total.{field}")} -> "
                + $"{answer.Text($"after.total.{field}")}");
        screen.Line("");
        foreach (var id in answer.Items("unlawful")) screen.Line($"  no longer lawful   placements/{id}");
        if (answer.Items("unlawful").Any()) screen.Line("");
        if (answer.Items("refusals").Any()) Refusals.Print(screen, run.Format, answer.Items("refusals"));
        if (answer.Items("survival").Any()) Survival.Print(screen, run.Format, answer.Items("survival"));
        else screen.Line("every loss does what it does today");
        Screen.Note($"state {answer.Text("stateDigestAfter")[..16]} as before");
    }
}
