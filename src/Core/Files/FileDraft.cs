namespace ControlPlane.Files;

/// <summary>One part of a drafted file and the path it has there.</summary>
public readonly record struct FilePart<TPart>(FileDraft File, string Path, TPart Item)
{
    /// <summary>Path of a field of the part.</summary>
    public string At(string field) => FileBinding.Under(Path, field);

    /// <summary>Whether all the fields of the part are in the file and could be bound.</summary>
    public bool Holds(params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (!File.Positions.IsBound(At(field))) return false;
        }

        return true;
    }

    /// <summary>Whether a field of the part is in the file, good or not.</summary>
    public bool Gives(string field) => File.Positions.IsGiven(At(field));

    /// <summary>Makes a problem that stands at a field of the part.</summary>
    public Problem Problem(string slug, string field, string message) => File.ProblemAt(slug, At(field), message);
}

/// <summary>
/// A file as far as it could be bound. Fields that could not be bound hold blanks, so that checks across fields and
/// files can still run over the rest and all problems are told at once; <see cref="FilePart{T}.Holds"/> tells which
/// are good. Required records are never null; a record with cases that could not be bound is.
/// </summary>
public abstract class FileDraft
{
    private readonly IReadOnlyList<(string Path, object Record)> records;

    private protected FileDraft(string path, IEnumerable<Problem> problems, FileBinding? binding)
    {
        Path = path;
        Problems = problems.ToSeq();
        Positions = binding?.Positions ?? new FilePositions();
        records = binding?.Records ?? [];
    }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    public Seq<Problem> Problems { get; }

    public FilePositions Positions { get; }

    /// <summary>All records of one type in the file with their paths, in the order of the file.</summary>
    public IEnumerable<FilePart<TPart>> All<TPart>() where TPart : class
    {
        foreach (var (path, record) in records)
        {
            if (record is TPart item) yield return new FilePart<TPart>(this, path, item);
        }
    }

    /// <summary>Makes a problem that stands at the value of a path.</summary>
    public Problem ProblemAt(string slug, string path, string message)
    {
        var position = Positions.Of(path);
        return new Problem(slug, path, message) { File = Path, Line = position.Line, Column = position.Column };
    }

    /// <summary>Names the place of a path for a message about another place.</summary>
    public string Place(string path)
    {
        var position = Positions.Of(path);
        return $"{Path}:{position.Line}:{position.Column}";
    }
}

/// <summary>A drafted file of one type.</summary>
public sealed class FileDraft<T> : FileDraft where T : class
{
    internal FileDraft(string path, T? value, IEnumerable<Problem> problems, FileBinding? binding)
        : base(path, problems, binding) => Value = value;

    /// <summary>
    /// The value with blanks for what could not be bound; null when the file as a whole is unreadable.
    /// </summary>
    public T? Value { get; }

    /// <summary>The file's outermost record.</summary>
    public IEnumerable<FilePart<T>> Root() => Value is { } value ? [new FilePart<T>(this, "", value)] : [];

    /// <summary>The value if there is no problem, else all problems.</summary>
    public Checked<T> Check() =>
        Problems.Count == 0 && Value is { } value ? Checked<T>.Valid(value) : Checked<T>.Invalid(Problems);
}
