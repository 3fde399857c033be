namespace ControlPlane.Files;

/// <summary>
/// Either a value that passed every check, or everything that is wrong with it. Never both, never neither.
/// </summary>
public sealed record Checked<T> where T : class
{
    private readonly T? value;

    private Checked(T? value, Seq<Problem> problems)
    {
        this.value = value;
        Problems = problems;
    }

    /// <summary>All problems, ordered by file, line and column; empty when there is a value.</summary>
    public Seq<Problem> Problems { get; }

    public bool IsValid => Problems.Count == 0;

    /// <summary>The checked value. Asking for it when there are problems is a bug of the caller.</summary>
    public T Value => value ?? throw new InvalidOperationException($"not valid: {Problems[0]}");

    public static Checked<T> Valid(T value) => new(value, []);

    public static Checked<T> Invalid(IEnumerable<Problem> problems)
    {
        var ordered = problems
            .OrderBy(problem => problem.File, StringComparer.Ordinal)
            .ThenBy(problem => problem.Line)
            .ThenBy(problem => problem.Column)
            .ThenBy(problem => problem.Path, StringComparer.Ordinal)
            .ToSeq();
        if (ordered.Count == 0) throw new ArgumentException("invalid needs at least one problem", nameof(problems));
        return new(null, ordered);
    }
}
