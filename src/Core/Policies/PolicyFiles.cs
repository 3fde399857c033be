using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Turns the texts of <c>policies/</c> into a <see cref="PolicySet"/>, or into everything that is wrong with them. The
/// order of files changes nothing, not even the digest; nor do the test cases that stand beside the policies.
/// </summary>
public static class PolicyFiles
{
    /// <summary>File that holds the weights of the score.</summary>
    public const string PreferencesPath = "policies/preferences.yaml";

    private const string Folder = "policies/";
    private const string WaiverFolder = "policies/waivers/";
    private const string CasesEnding = ".test.yaml";

    // The policy pack of Pulumi stacks; its files are of another program's making.
    private const string PackFolder = "policies/pack/";
    private const string PackFile = "policies/PulumiPolicy.yaml";

    /// <summary>
    /// Reads and checks all files by themselves, without asking whether the fleet knows what they name.
    /// </summary>
    public static Checked<PolicySet> Parse(IReadOnlyCollection<SourceFile> files) => Parse(files, null);

    /// <summary>
    /// Reads and checks all files, also against the fleet whose regions, models and schemes they name.
    /// </summary>
    public static Checked<PolicySet> Parse(IReadOnlyCollection<SourceFile> files, Fleet? fleet)
    {
        files = [.. files.Where(file => !IsOfPack(file.Path))];
        var draft = Draft(files);
        var problems = draft.Problems.ToList();
        problems.AddRange(PolicyChecks.Find(draft.Policies, fleet));
        problems.AddRange(PolicyChecks.Promises(draft.Preferences, fleet));
        problems.AddRange(PolicyChecks.Expectations(draft.Preferences));
        problems.AddRange(WaiverChecks.Find(draft, fleet));
        return problems.Count > 0 ? Checked<PolicySet>.Invalid(problems) : Checked<PolicySet>.Valid(new PolicySet
        {
            Policies = WithIncludes(draft).OrderBy(policy => policy.Id).ToSeq(),
            Waivers = draft.Waivers.Select(file => file.Value!).OrderBy(waiver => waiver.Id).ToSeq(),
            Preferences = draft.Preferences?.Value ?? Preferences.Default,
            Digest = FileDigest.Of([.. files.Where(file => !IsCasesPath(file.Path))]),
        });
    }

    private static IEnumerable<Policy> WithIncludes(PolicyDraft draft)
    {
        var known = PolicyIncludes.ById(draft.Policies);
        return draft.Policies.Select(file => file.Value! with { Rules = PolicyIncludes.RulesOf(file.Value!, known) });
    }

    /// <summary>Whether a path names test cases rather than a policy.</summary>
    public static bool IsCasesPath(string path) =>
        IsPolicyPath(path) && path.EndsWith(CasesEnding, StringComparison.Ordinal);

    /// <summary>The files as far as each could be bound.</summary>
    internal static PolicyDraft Draft(IReadOnlyCollection<SourceFile> files)
    {
        var problems = new List<Problem>();
        var (policies, waivers) = (new List<FileDraft<Policy>>(), new List<FileDraft<Waiver>>());
        FileDraft<Preferences>? preferences = null;
        var own = files.Where(file => !IsOfPack(file.Path));
        foreach (var file in own.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            if (file.Path == PreferencesPath) preferences = YamlBinder.Draft<Preferences>(file);
            else if (IsCasesPath(file.Path)) continue;
            else if (IsPolicyPath(file.Path) && file.Path.StartsWith(WaiverFolder, StringComparison.Ordinal))
                waivers.Add(YamlBinder.Draft<Waiver>(file));
            else if (IsPolicyPath(file.Path)) policies.Add(YamlBinder.Draft<Policy>(file));
            else problems.Add(new(
                "file-unexpected", "", "is no policy (policies/NAME.yaml)") { File = file.Path, Line = 1, Column = 1 });
        }

        problems.AddRange(policies.SelectMany(file => file.Problems));
        problems.AddRange(waivers.SelectMany(file => file.Problems));
        problems.AddRange(preferences?.Problems ?? []);
        return new PolicyDraft(policies, waivers, preferences, problems);
    }

    private static bool IsOfPack(string path) =>
        path == PackFile || path.StartsWith(PackFolder, StringComparison.Ordinal);

    private static bool IsPolicyPath(string path) =>
        path.StartsWith(Folder, StringComparison.Ordinal) && path.EndsWith(".yaml", StringComparison.Ordinal);
}

/// <summary>The files of a policy set as far as each could be bound; what the checks across files look at.</summary>
internal sealed record PolicyDraft(
    List<FileDraft<Policy>> Policies, List<FileDraft<Waiver>> Waivers, FileDraft<Preferences>? Preferences,
        List<Problem> Problems);
