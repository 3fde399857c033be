using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Reviews;

namespace ControlPlane.Cli.Files;

/// <summary>Everything that is wrong, or soon will be, in the parts of one tree that were asked for.</summary>
internal sealed record TreeCheck
{
    public required int FileCount { get; init; }

    public required Seq<Problem> Errors { get; init; }

    public required Seq<Problem> Warnings { get; init; }

    /// <summary>Reads a tree and checks it; dates are judged as of <paramref name="today"/>.</summary>
    public static TreeCheck Of(string root, IReadOnlyCollection<CheckScope> scopes, DateOnly today)
    {
        var regions = Read(root, CheckScope.Regions, scopes);
        var policies = Read(root, CheckScope.Policies, scopes);
        var errors = new List<Problem>([.. regions.Problems, .. policies.Problems]);
        var (dated, warnings) = (new Seq<Problem>(), new Seq<Problem>());

        Fleet? fleet = null;
        if (regions.Files.Count > 0)
        {
            var parsed = RegionFiles.Parse(regions.Files);
            if (parsed.IsValid)
            {
                fleet = parsed.Value;
                var dates = RegionWarnings.At(fleet, today);
                (dated, warnings) = (dates.Errors, dates.Warnings);
            }
            else
            {
                errors.AddRange(parsed.Problems);
            }
        }

        // Without a sound fleet the policies are still checked by themselves.
        if (policies.Files.Count > 0)
        {
            var law = PolicyFiles.Parse(policies.Files, fleet);
            errors.AddRange(law.Problems);
            if (law.IsValid && fleet is not null)
            {
                errors.AddRange(CaseFiles.Parse(policies.Files, law.Value, fleet).Problems);
                var review = PolicyReview.At(policies.Files, fleet, today);
                errors.AddRange(review.Errors);
                warnings = warnings.Concat(review.Warnings).ToSeq();
            }
        }

        bool IsAsked(Problem problem) => problem.File is not { } file || scopes.Any(scope => scope.Covers(file));
        return new TreeCheck
        {
            FileCount = regions.Files
                .Concat(policies.Files)
                .Count(file => scopes.Any(scope => scope.Covers(file.Path))),
            Errors = Ordered(errors.Concat(dated).Where(IsAsked)),
            Warnings = Ordered(warnings.Where(IsAsked)),
        };
    }

    // Policies are judged against the fleet, so regions are read for them too; policies only when they are asked for.
    private static (Seq<SourceFile> Files, Seq<Problem> Problems) Read(
        string root, string folder, IReadOnlyCollection<CheckScope> scopes)
    {
        var asked = scopes.Any(scope => scope.Touches(folder));
        var needed = asked || folder == CheckScope.Regions;
        if (!needed || !Directory.Exists(Path.Combine(root, folder))) return ([], []);
        var tree = TreeReader.Read(root, folder);
        return tree.IsValid ? (tree.Value.Files, []) : ([], tree.Problems);
    }

    private static Seq<Problem> Ordered(IEnumerable<Problem> problems) => problems
        .OrderBy(problem => problem.File, StringComparer.Ordinal)
        .ThenBy(problem => problem.Line)
        .ThenBy(problem => problem.Column)
        .ThenBy(problem => problem.Path, StringComparer.Ordinal)
        .ToSeq();
}
