using System.CommandLine;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Stacks;

/// <summary>
/// Shows what a region's stack would declare, and judges plans and states by the policy pack, without an engine.
/// </summary>
internal static class StackCommands
{
    public static Command Build(GlobalOptions global)
    {
        var command = new Command(
            "stack", "Show and judge what the stack of a region declares; needs no server and no Pulumi");
        command.Add(Preview(global));
        command.Add(Check(global));
        return command;
    }

    private static Command Preview(GlobalOptions global)
    {
        var region = new Argument<string?>("REGION")
        {
            Description = "The region, which is also the name of its stack",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all") { Description = "Every stack of the catalogue, its resources counted" };
        var policy =
            new Option<bool>("--policy") { Description = "Ask the policy pack about each resource and all of them" };
        var against = new Option<string?>("--against")
        {
            Description = "Earlier preview as JSON, or what `pulumi stack export` wrote, to show differences from",
            HelpName = "FILE",
        };
        var markdown = new Option<bool>("--markdown") { Description = "Print markdown for a pull request" };
        var program = new Option<string?>("--program")
        {
            Description = "Built stack program to run; the checkout's own when left out",
            HelpName = "DLL",
        };
        var command = new Command("preview", "Run the stack program of a region against a stand-in of the engine")
        {
            region, all, policy, against, markdown, program,
        };
        global.Let(command, async (run, cancellation) =>
        {
            if (run.Get(all) == run.Get(region) is not null)
                throw CommandFailure.Usage("name a region, or give --all and none");
            if (run.Get(all) && run.Get(against) is not null)
                throw CommandFailure.Usage("--against compares one stack; name it");
            var asked = new PreviewQuestion(StackTree.Read(Environment.CurrentDirectory))
            {
                IsJudged = run.Get(policy),
                Program = run.Get(program),
                Earlier = run.Get(against) is { } file ? EarlierFile.Read(file) : null,
            };
            if (run.Get(region) is not { } stack)
            {
                var catalogue = new PreviewCatalogue(await asked.AllAsync(cancellation));
                catalogue.Print(run, run.Get(markdown));
                return catalogue.IsRefused ? ExitCode.No : ExitCode.Ok;
            }

            var report = await asked.OneAsync(stack, cancellation);
            Print(run, report, run.Get(markdown));
            return report.IsRefused ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static Command Check(GlobalOptions global)
    {
        var file = new Option<string>("--file")
        {
            Description = "What `pulumi stack export` wrote, or an earlier preview as JSON",
            HelpName = "FILE",
            Required = true,
        };
        var stack = new Option<string?>("--stack")
        {
            Description = "Name of the stack; read from the resources when left out",
            HelpName = "NAME",
        };
        var command = new Command("check", "Judge an exported state by the policy pack") { file, stack };
        global.Let(command, async (run, cancellation) =>
        {
            var tree = StackTree.Read(Environment.CurrentDirectory);
            var resources = EarlierFile.Read(run.Get(file)!); // the parser demands it
            if (resources.Count == 0)
                throw CommandFailure.Input("file-unexpected", "the file holds no resource to judge");
            var name = run.Get(stack) ?? StackOf(resources[0].Urn);
            using var pack = await PackSession.StartAsync(tree, cancellation);
            var refused = await pack.TurnToAsync(new PackQuestion(name) { IsPreview = false }, cancellation);
            var verdicts = refused.Count > 0 ? refused : await pack.JudgeAsync(resources, cancellation);
            new Listing("verdicts", "", "urn", Columns).Print(run.Screen, run.Format, VerdictRows(verdicts));
            Screen.Note($"{resources.Count} resources of stack {name}: {PreviewReport.Summary(verdicts)}");
            return verdicts.Any(verdict => verdict.Level == "mandatory") ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static Seq<Column> Columns =>
    [
        Column.Of("urn", "urn").Wide(), Column.Of("level", "level"), Column.Of("rule", "rule"),
        Column.Of("reason", "message"),
    ];

    private static IEnumerable<System.Text.Json.JsonElement> VerdictRows(Seq<PackVerdict> verdicts) =>
        verdicts.Select(verdict => System.Text.Json.JsonSerializer.SerializeToElement(new
        {
            urn = verdict.Urn,
            level = verdict.Level,
            rule = verdict.Rule,
            message = verdict.Message,
        }));

    private static string StackOf(string urn) =>
        urn.Split("::")[0] is var start && start.StartsWith("urn:pulumi:", StringComparison.Ordinal)
            ? start["urn:pulumi:".Length..]
            : throw CommandFailure.Input("file-unexpected", $"'{urn}' is no name of a resource; give --stack");

    private static void Print(CommandRun run, PreviewReport report, bool asMarkdown)
    {
        if (asMarkdown)
        {
            run.Screen.Out.Write(PreviewMarkdown.Of(report));
            return;
        }

        switch (run.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                run.Screen.Out.WriteLine(DataText.Of(run.Format, PreviewData.Of(report)));
                break;
            case OutputFormat.Csv:
                run.Screen.Line("type,name,urn");
                foreach (var item in report.Preview.Resources)
                    run.Screen.Line(DataText.Csv([item.Type, item.Name, item.Urn]));
                break;
            case OutputFormat.Name:
                foreach (var item in report.Preview.Resources) run.Screen.Line(item.Urn);
                break;
            default:
                foreach (var line in report.Text().TrimEnd('\n').Split('\n')) run.Screen.Line(line);
                break;
        }
    }
}
