using ControlPlane.Policies.Stacks;
using ControlPlane.Rpc;

namespace ControlPlane.Pack;

/// <summary>
/// What the engine is told when no resource can be judged: a pack that cannot judge lets nothing pass.
/// </summary>
internal static class Refusal
{
    private const int MostProblems = 20;

    public static RpcException CannotJudge(string because) =>
        new(RpcStatus.FailedPrecondition, $"the policy pack cannot judge this stack: {because}");

    /// <summary>
    /// Refuses a stack whose region file or settings break rules already, each with file, rule and reason in a line.
    /// </summary>
    /// <param name="problems">What is wrong.</param>
    /// <param name="file">File of the problems that name none.</param>
    public static RpcException Of(Seq<Problem> problems, string file)
    {
        var lines = problems.Take(MostProblems).Select(problem => Line(problem, file)).ToList();
        if (problems.Count > lines.Count) lines.Add($"and {problems.Count - lines.Count} more");
        return new RpcException(
            RpcStatus.PermissionDenied, $"the policy pack refuses this stack:\n{string.Join('\n', lines)}");
    }

    private static string Line(Problem problem, string file)
    {
        var place = problem.File is { } own ? $"{own}:{problem.Line}:{problem.Column}" : file;
        var sentence = problem.Path.Length == 0 ? problem.Message : $"{problem.Path} {problem.Message}";
        return $"{place}: rule {PlanRules.BrokenBy(problem)}: {sentence}";
    }
}
