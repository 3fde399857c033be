using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Reviews;

/// <summary>The cases of one file with the file they stand in, for messages about them.</summary>
public sealed record CaseFile(FileDraft<PolicyCases> Draft)
{
    public string Path => Draft.Path;

    public PolicyCases Cases => Draft.Value!;

    /// <summary>Line of a case, counted from 1.</summary>
    public int LineOf(int index) => Draft.Positions.Of($"cases[{index}]").Line;

    /// <summary>Line of an accepted survivor, counted from 1.</summary>
    public int LineOfAccepted(int index) => Draft.Positions.Of($"acceptedSurvivors[{index}]").Line;
}

/// <summary>All case files of a tree, ordered by path.</summary>
public sealed record CaseFiles(Seq<CaseFile> Files)
{
    /// <summary>
    /// Reads and checks the case files among the files of <c>policies/</c>; policies and fleet must be sound, since
    /// cases name what they hold.
    /// </summary>
    public static Checked<CaseFiles> Parse(IReadOnlyCollection<SourceFile> files, PolicySet policies, Fleet fleet)
    {
        var drafts = files.Where(file => PolicyFiles.IsCasesPath(file.Path))
            .OrderBy(file => file.Path, StringComparer.Ordinal)
            .Select(YamlBinder.Draft<PolicyCases>)
            .ToList();
        var problems = drafts.SelectMany(draft => draft.Problems).ToList();
        foreach (var draft in drafts) problems.AddRange(CaseChecks.Find(draft, policies, fleet));
        return problems.Count > 0
            ? Checked<CaseFiles>.Invalid(problems)
            : Checked<CaseFiles>.Valid(new CaseFiles(drafts.Select(draft => new CaseFile(draft)).ToSeq()));
    }
}
