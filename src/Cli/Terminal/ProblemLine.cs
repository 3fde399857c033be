namespace ControlPlane.Cli.Terminal;

/// <summary>Writes a complaint the way editors and pull request tools find it: place first, slug last.</summary>
internal static class ProblemLine
{
    public static string Of(Problem problem, string severity = "")
    {
        var place = problem.File is null ? "" : $"{problem.File}:{problem.Line}:{problem.Column} ";
        var path = problem.Path.Length == 0 ? "" : problem.Path + " ";
        return VisibleText.Of($"{place}{severity}{path}{problem.Message} [{problem.Slug}]");
    }
}
