using System.CommandLine;
using System.Text.Json;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Inventory;
using ControlPlane.Policies.Stacks;

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
        var full = Path.Combine(tree.Root, name);
        var import = InventoryImport.Plan(InputFile.Read(full) with { Path = name }, output.Value);
        if (!import.IsValid) throw new CommandFailure(import.Problems);
        var figures = import.Value.Figures;
        if (figures.Count > 0)
            new Listing("figures", "", "pool", Columns).Print(run.Screen, run.Format, figures.Select(Row));
        if (figures.Count > 0 && !dryRun) File.WriteAllText(full, import.Value.Text);
        Screen.Note((figures.Count, dryRun) switch
        {
            (0, _) => $"{name} is what the stack made",
            (var count, true) => $"{name} would change at {count} place{(count == 1 ? "" : "s")}",
            (var count, _) => $"{name} changed at {count} place{(count == 1 ? "" : "s")}; check and commit it",
        });
        return ExitCode.Ok;
    }

    private static Seq<Column> Columns =>
    [
        Column.Of("pool", "pool"), Column.Of("field", "field"),
        Column.Number("declared", "declared"), Column.Number("made", "made"),
    ];

    private static JsonElement Row(ImportedFigure figure) => JsonSerializer.SerializeToElement(new
    {
        pool = figure.Pool.Value,
        field = figure.Field,
        declared = figure.Declared,
        made = figure.Made,
    });
}
