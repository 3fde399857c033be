using System.CommandLine;
using System.Text.Json;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Cli.Files;

/// <summary>Checks declared regions and policies on disk, without a server, and prints everything that is wrong.</summary>
internal static class CheckCommand
{
    private const string RegionsFolder = "regions";
    private const string PoliciesFolder = "policies";
    private const string SchemasFolder = "policies/schemas/";

    public static Command Build(GlobalOptions global)
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Folder that holds regions/ and policies/, or a part of it to report on; else the current folder",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("check", "Check region and policy files on disk; needs no server") { paths };
        global.Let(command, (run, _) => Task.FromResult(Check(run, run.Get(paths) ?? [])));
        return command;
    }

    private static int Check(CommandRun run, IReadOnlyList<string> paths)
    {
        var findings = (paths.Count == 0 ? ["."] : paths)
            .Select(CheckScope.Of)
            .GroupBy(scope => scope.Root, StringComparer.Ordinal)
            .SelectMany(tree => CheckTree(tree.Key, tree.ToList()))
            .ToList();
        var errors = findings.Count(finding => !finding.IsWarning);
        if (run.Format is OutputFormat.Json or OutputFormat.Yaml) PrintData(run, findings);
        else foreach (var finding in findings) run.Screen.Line(finding.Line);
        Screen.Note(errors == 0 ? $"ok, {findings.Count} warning(s)" : $"{errors} problem(s)");
        return errors == 0 ? ExitCode.Ok : ExitCode.No;
    }

    private static List<Finding> CheckTree(string root, IReadOnlyCollection<CheckScope> scopes)
    {
        string[] folders = Directory.Exists(Path.Combine(root, PoliciesFolder))
            ? [RegionsFolder, PoliciesFolder]
            : [RegionsFolder];
        var read = TreeReader.Read(root, folders);
        var findings = read.IsValid
            ? CheckFiles(read.Value.Files)
            : read.Problems.Select(problem => new Finding(problem, IsWarning: false));
        return [.. findings.Where(finding => scopes.Any(scope => scope.Covers(finding.Problem.File)))];
    }

    private static IEnumerable<Finding> CheckFiles(Seq<SourceFile> files)
    {
        var fleet = RegionFiles.Parse(Below(files, RegionsFolder));
        var policies = PolicyFiles.Parse(Below(files, PoliciesFolder), fleet.IsValid ? fleet.Value : null);
        foreach (var problem in fleet.Problems.Concat(policies.Problems)) yield return new Finding(problem, IsWarning: false);
        if (!fleet.IsValid) yield break;
        var expiry = RegionWarnings.At(fleet.Value, DateOnly.FromDateTime(DateTime.UtcNow));
        // A claim that ran out no longer counts, which narrows where work may go and breaks no file.
        foreach (var problem in expiry.Errors.Concat(expiry.Warnings)) yield return new Finding(problem, IsWarning: true);
    }

    private static List<SourceFile> Below(Seq<SourceFile> files, string folder) =>
    [
        .. files.Where(file => file.Path.StartsWith(folder + "/", StringComparison.Ordinal)
            && !file.Path.StartsWith(SchemasFolder, StringComparison.Ordinal)),
    ];

    private static void PrintData(CommandRun run, IEnumerable<Finding> findings)
    {
        var data = JsonSerializer.SerializeToElement(new
        {
            problems = findings.Select(finding => new
            {
                severity = finding.IsWarning ? "warning" : "error",
                slug = finding.Problem.Slug,
                file = finding.Problem.File,
                line = finding.Problem.Line,
                column = finding.Problem.Column,
                path = finding.Problem.Path,
                message = finding.Problem.Message,
            }),
        });
        run.Screen.Out.WriteLine(run.Format == OutputFormat.Json ? DataText.Json(data) : DataText.Yaml(data));
    }

    private sealed record Finding(Problem Problem, bool IsWarning)
    {
        public string Line => ProblemLine.Of(Problem, IsWarning ? "warning: " : "");
    }
}

/// <summary>A tree to check and the part of it that is reported on.</summary>
/// <param name="Root">Folder that holds <c>regions/</c>.</param>
/// <param name="Part">Path below the root, with forward slashes; empty for all of it.</param>
internal sealed record CheckScope(string Root, string Part)
{
    /// <summary>The tree that a path belongs to: itself or the nearest folder above it that holds regions.</summary>
    public static CheckScope Of(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Path.Exists(full)) throw InputFile.Unreadable(path, new FileNotFoundException());
        for (var folder = full; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (!Directory.Exists(Path.Combine(folder, "regions"))) continue;
            var part = folder == full ? "" : Path.GetRelativePath(folder, full).Replace(Path.DirectorySeparatorChar, '/');
            return new CheckScope(folder, part);
        }

        throw CommandFailure.Input("file-unreadable", $"neither {path} nor a folder above it holds a folder 'regions'");
    }

    public bool Covers(string? file) =>
        Part.Length == 0 || file is null || file == Part || file.StartsWith(Part + "/", StringComparison.Ordinal);
}
