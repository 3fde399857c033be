using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Files;

/// <summary>Checks region and policy files without a server: every problem at its line, all at once.</summary>
internal static class CheckCommand
{
    public static Command Build(GlobalOptions global)
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Trees, folders or files to check; ./regions and ./policies when left out",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var asOf = new Option<DateOnly?>("--as-of")
        {
            Description = "Day to judge dates by, such as 2026-01-31; today when left out",
            HelpName = "DATE",
            CustomParser = ParseDate,
        };
        var command = new Command("check", "Check region and policy files; needs no server") { paths, asOf };
        global.Let(command, (run, _) => Task.FromResult(Check(run, run.Get(paths) ?? [], run.Get(asOf))));
        return command;
    }

    private static int Check(CommandRun run, string[] paths, DateOnly? asOf)
    {
        var today = asOf ?? DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var scopes = paths.Length == 0 ? [CheckScope.Of(".")] : paths.Select(CheckScope.Of).ToList();
        var trees = scopes
            .GroupBy(scope => scope.Root, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Named(group.Key, TreeCheck.Of(group.Key, [.. group], today)))
            .ToList();
        var whole = new TreeCheck
        {
            FileCount = trees.Sum(tree => tree.FileCount),
            Errors = trees.SelectMany(tree => tree.Errors).ToSeq(),
            Warnings = trees.SelectMany(tree => tree.Warnings).ToSeq(),
        };
        Print(run, whole);
        if (whole.FileCount == 0 && whole.Errors.Count == 0)
            throw CommandFailure.Input("file-unreadable", "there are no YAML files to check");
        Screen.Note($"checked {Count(whole.FileCount, "file")}: {Verdict(whole)}");
        return whole.Errors.Count == 0 ? ExitCode.Ok : ExitCode.InvalidInput;
    }

    private static void Print(CommandRun run, TreeCheck check)
    {
        var screen = run.Screen;
        switch (run.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                screen.Out.WriteLine(DataText.Of(run.Format, Data(check)));
                break;
            case OutputFormat.Csv:
                screen.Line("file,line,column,path,message,slug,severity");
                foreach (var (problem, severity) in All(check))
                {
                    screen.Line(DataText.Csv([problem.File ?? "", $"{problem.Line}", $"{problem.Column}", problem.Path,
                        problem.Message, problem.Slug, severity]));
                }

                break;
            case OutputFormat.Name:
                foreach (var file in All(check).Select(item => item.Problem.File).Distinct()) screen.Line(file ?? "");
                break;
            default:
                foreach (var (problem, severity) in All(check))
                    screen.Line(ProblemLine.Of(problem, severity == "warning" ? "warning: " : ""));
                break;
        }
    }

    private static JsonElement Data(TreeCheck check) => JsonSerializer.SerializeToElement(new
    {
        files = check.FileCount,
        errors = check.Errors.Count,
        warnings = check.Warnings.Count,
        problems = All(check).Select(item => new
        {
            file = item.Problem.File,
            line = item.Problem.Line,
            column = item.Problem.Column,
            path = item.Problem.Path,
            message = item.Problem.Message,
            slug = item.Problem.Slug,
            severity = item.Severity,
        }),
    });

    private static IEnumerable<(Problem Problem, string Severity)> All(TreeCheck check) =>
        check.Errors
            .Select(problem => (problem, "error"))
            .Concat(check.Warnings.Select(problem => (problem, "warning")));

    // Problems name files as they are reached from where the command runs, so that editors can jump to them.
    private static TreeCheck Named(string root, TreeCheck check)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, root);
        var prefix = relative.StartsWith("..", StringComparison.Ordinal) ? root : relative;
        Problem Name(Problem problem) => prefix == "." || problem.File is not { } file || Path.IsPathRooted(file)
            ? problem
            : problem with { File = $"{prefix}/{file}" };
        return check with
        {
            Errors = check.Errors.Select(Name).ToSeq(),
            Warnings = check.Warnings.Select(Name).ToSeq(),
        };
    }

    private static string Verdict(TreeCheck check) => (check.Errors.Count, check.Warnings.Count) switch
    {
        (0, 0) => "nothing wrong",
        (0, var warnings) => Count(warnings, "warning"),
        (var errors, 0) => Count(errors, "problem"),
        var (errors, warnings) => $"{Count(errors, "problem")}, {Count(warnings, "warning")}",
    };

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    private static DateOnly? ParseDate(ArgumentResult result)
    {
        var given = result.Tokens[0].Value;
        if (DateOnly.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day;
        result.AddError($"'{given}' is no date such as 2026-01-31");
        return null;
    }
}
