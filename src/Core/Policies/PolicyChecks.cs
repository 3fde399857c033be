using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>Finds what is wrong between the fields of a policy, and between policies.</summary>
internal static class PolicyChecks
{
    public static IEnumerable<Problem> Find(List<FileDraft<Policy>> files, Fleet? fleet) =>
        Duplicates(files).Concat(PolicyIncludes.Find(files)).Concat(files.SelectMany(file => OfFile(file, fleet)));

    /// <summary>Regions that are promised and that nobody declares.</summary>
    public static IEnumerable<Problem> Promises(FileDraft<Preferences>? file, Fleet? fleet)
    {
        if (file?.Value is not { } preferences || fleet is null) yield break;
        for (var index = 0; index < preferences.SurviveLossOf.Count; index++)
        {
            var (path, region) = ($"surviveLossOf[{index}]", preferences.SurviveLossOf[index]);
            if (file.Positions.IsBound(path) && fleet.FindRegion(region) is null)
                yield return file.ProblemAt("region-unknown", path, $"there is no region '{region}'"
                    + NearestName.Hint(region.Value, fleet.Regions.Select(item => item.Id.Value)));
        }
    }

    /// <summary>Expected work that cannot be, or by which no rest of a node can be told from another.</summary>
    public static IEnumerable<Problem> Expectations(FileDraft<Preferences>? file)
    {
        const string Path = "expectedWork";
        if (file?.Value is not { ExpectedWork.Count: > 0 } preferences) yield break;
        for (var index = 0; index < preferences.ExpectedWork.Count; index++)
        {
            if (preferences.ExpectedWork[index] is { Accelerators: > 0, ShareMilli: > 0 })
            {
                yield return file.ProblemAt("rule-conflict", $"{Path}[{index}].shareMilli",
                    "a unit has either whole accelerators or a share of one");
            }
        }

        // What could not be read looks as if it were left out.
        if (file.Problems.Count == 0 && !preferences.ExpectedWork.Any(work => work.NeedsAccelerator))
        {
            yield return file.ProblemAt("policy-blank", Path,
                "none of it needs an accelerator, so that every rest is as good as another; leave it out");
        }
    }

    private static IEnumerable<Problem> Duplicates(List<FileDraft<Policy>> files)
    {
        var first = new Dictionary<PolicyId, FileDraft<Policy>>();
        foreach (var part in files.SelectMany(file => file.Root()).Where(part => part.Holds("id")))
        {
            var file = (FileDraft<Policy>)part.File;
            if (!first.TryAdd(part.Item.Id, file))
                yield return part.Problem(
                    "duplicate-id", "id", $"'{part.Item.Id}' is declared already at {first[part.Item.Id].Place("id")}");
        }
    }

    private static IEnumerable<Problem> OfFile(FileDraft<Policy> file, Fleet? fleet)
    {
        foreach (var part in file.Root())
        {
            var policy = part.Item;
            if (part.Holds("validFrom", "validTo") && policy.ValidTo < policy.ValidFrom)
                yield return part.Problem("date-order", "validTo", "lies before validFrom");
            if (part.Gives("rules") && policy.Rules.Count == 0 && policy.Includes.Count == 0)
                yield return part.Problem(
                    "policy-blank", "rules", "a policy without rules allows everything; blank never means allow");
            if (part.Holds("match"))
            {
                foreach (var problem in MatchChecks.Find(part.File, policy.Match)) yield return problem;
            }

            foreach (var problem in Rules(file, policy, fleet)) yield return problem;
        }
    }

    private static IEnumerable<Problem> Rules(FileDraft<Policy> file, Policy policy, Fleet? fleet)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < policy.Rules.Count; index++)
        {
            // A rule that could not be bound has been reported and left a gap.
            if (policy.Rules[index] is not { } rule) continue;
            var path = $"rules[{index}]";
            if (rule.Rule is { } name && !names.Add(name))
                yield return file.ProblemAt(
                    "duplicate-id", $"{path}.rule", $"'{name}' is the name of another rule of the policy");
            foreach (var problem in rule.Check(fleet ?? Fleet.Empty, path))
            {
                // A field that could not be bound has been reported and holds a blank.
                if (file.Problems.Any(known => known.Path == problem.Path
                        || (problem.Slug == "policy-blank" && IsUnder(problem.Path, known.Path)))) continue;
                if (fleet is not null || !IsAboutFleet(problem))
                    yield return file.ProblemAt(problem.Slug, problem.Path, problem.Message);
            }
        }
    }

    private static bool IsUnder(string path, string inner) => inner.StartsWith($"{path}.", StringComparison.Ordinal);

    /// <summary>Without a fleet nothing is known, so nothing can be said to be unknown.</summary>
    private static bool IsAboutFleet(Problem problem) => problem.Slug.EndsWith("-unknown", StringComparison.Ordinal);
}
