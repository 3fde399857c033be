using ControlPlane.Files;

namespace ControlPlane.Server.Hosting;

/// <summary>Gathers the problems of one input, all of them up to a bound.</summary>
internal sealed class Complaints
{
    /// <summary>Problems that are listed; whoever has more has seen enough.</summary>
    public const int Most = 100;

    private readonly List<Problem> problems = [];

    public bool Any => problems.Count > 0;

    public IReadOnlyList<Problem> Problems => problems;

    public void Add(Problem problem)
    {
        if (problems.Count < Most) problems.Add(problem);
    }

    public Checked<T> Invalid<T>() where T : class => Checked<T>.Invalid(problems);
}
