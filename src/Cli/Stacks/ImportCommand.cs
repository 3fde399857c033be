using System.CommandLine;
using System.Text.Json;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Inventory;
using ControlPlane.Policies.Stacks;
using ControlPlane.Regions;

namespace ControlPlane.Cli.Stacks;

/// <summary>Brings a region file in line with what its stack made.</summary>
internal static class ImportCommand
{
    public static Command Build(GlobalOptions global)
    {
        var output = new Option<string>("--stack-output")
        {
            Description = "What `pulumi stack output --json` wrote; - for standard input",
            HelpName = "FILE",
            Required = true,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would change and change nothing" };
        var import = new Command("import", "Bring a region file in line with what its stack made") { output, dryRun };
        global.Let(import, (run, _) => Task.FromResult(Import(run, run.Get(output)!, run.Get(dryRun)))); // demanded
        return new Command("inventory", "Declared inventory; needs no server") { import };
    }

    private static int Import(CommandRun run, string path, bool dryRun)
    {
        var tree = StackTree.Read(Environment.CurrentDirectory);
        var output = StackOutput.Parse(InputFile.Read(path));
        if (!output.IsValid) throw new CommandFailure(output.Problems);
        var region = tree.Region(output.Value.Region.Value);
        var name = new PlanCase(tree.Fleet, region, TimeProvider.System.GetUtcNow()).File;
        var file = tree.Files.First(item => item.Path == name);
        var import = InventoryImport.Plan(file, output.Value);
        if (!import.IsValid) throw new CommandFailure(import.Problems);
        // The file is tried as it would be, with all others, before a letter of it is changed.
        var changed = file with { Text = import.Value.Text };
        var fleet = RegionFiles.Parse([.. tree.Files.Select(item => item.Path == name ? changed : item)]);
        if (!fleet.IsValid) throw new CommandFailure(fleet.Problems);
        var figures = import.Value.Figures;
        Show(run, name, figures);
        if (figures.Count > 0 && !dryRun) Write(Path.Combine(tree.Root, name), changed.Text);
        Screen.Note((figures.Count, dryRun) switch
        {
            (0, _) => $"{name} is what the stack made",
            (var count, true) => $"{name} would change at {count} place{(count == 1 ? "" : "s")}",
            (var count, _) => $"{name} changed at {count} place{(count == 1 ? "" : "s")}; check and commit it",
        });
        return ExitCode.Ok;
    }

    // People see the lines as they were and as they become; programs get the values.
    private static void Show(CommandRun run, string name, Seq<ImportedFigure> figures)
    {
        if (run.Format is not (OutputFormat.Table or OutputFormat.Wide))
        {
            new Listing("figures", "", "name", Columns).Print(run.Screen, run.Format, figures.Select(Row));
            return;
        }

        if (figures.Count > 0) run.Screen.Line($"--- {name}");
        foreach (var figure in figures)
        {
            run.Screen.Line($"line {figure.Line}: {figure.Name} {figure.Field}");
            if (figure.Before is { } before) run.Screen.Line($"-{before.TrimEnd('\r')}");
            run.Screen.Line($"+{figure.After.TrimEnd('\r')}");
        }
    }

    // The new file takes the place of the old one whole, so that nobody reads half of it.
    private static void Write(string path, string text)
    {
        try
        {
            var aside = path + ".new";
            File.WriteAllText(aside, text);
            File.Move(aside, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Input("file-unreadable", $"cannot write {path}: {error.Message}");
        }
    }

    private static Seq<Column> Columns =>
    [
        Column.Of("name", "name"), Column.Of("field", "field"), Column.Of("declared", "declared"),
        Column.Of("made", "made"),
    ];

    private static JsonElement Row(ImportedFigure figure) => JsonSerializer.SerializeToElement(new
    {
        name = figure.Name,
        field = figure.Field,
        line = figure.Line,
        declared = figure.Declared,
        made = figure.Made,
    });
}
