using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Turns the texts of <c>policies/</c> into a <see cref="PolicySet"/>, or into everything that is wrong with them. The
/// order of files changes nothing, not even the digest.
/// </summary>
public static class PolicyFiles
{
    /// <summary>File that holds the weights of the score.</summary>
    public const string PreferencesPath = "policies/preferences.yaml";

    private const string Folder = "policies/";
    private const string CasesEnding = ".test.yaml";

    // The policy pack of Pulumi stacks; its files are of another program's making.
    private const string PackFolder = "policies/pack/";

    /// <summary>Reads and checks all files by themselves, without asking whether the fleet knows what they name.</summary>
    public static Checked<PolicySet> Parse(IReadOnlyCollection<SourceFile> files) => Parse(files, null);

    /// <summary>Reads and checks all files, also against the fleet whose regions, models and schemes they name.</summary>
    public static Checked<PolicySet> Parse(IReadOnlyCollection<SourceFile> files, Fleet? fleet)
    {
        files = [.. files.Where(file => !file.Path.StartsWith(PackFolder, StringComparison.Ordinal))];
        var problems = new List<Problem>();
        var policies = new List<FileDraft<Policy>>();
        FileDraft<Preferences>? preferences = null;
        foreach (var file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            if (file.Path == PreferencesPath) preferences = YamlBinder.Draft<Preferences>(file);
            else if (IsCasesPath(file.Path)) continue;
            else if (IsPolicyPath(file.Path)) policies.Add(YamlBinder.Draft<Policy>(file));
            else problems.Add(new("file-unexpected", "", "is no policy (policies/NAME.yaml)") { File = file.Path, Line = 1, Column = 1 });
        }

        problems.AddRange(policies.SelectMany(file => file.Problems));
        problems.AddRange(preferences?.Problems ?? []);
        problems.AddRange(PolicyChecks.Find(policies, fleet));
        return problems.Count > 0 ? Checked<PolicySet>.Invalid(problems) : Checked<PolicySet>.Valid(new PolicySet
        {
            Policies = policies.Select(file => file.Value!).OrderBy(policy => policy.Id).ToSeq(),
            Preferences = preferences?.Value ?? Preferences.Default,
            Digest = FileDigest.Of([.. files.Where(file => !IsCasesPath(file.Path))]),
        });
    }

    /// <summary>Whether a path names test cases rather than a policy.</summary>
    public static bool IsCasesPath(string path) => IsPolicyPath(path) && path.EndsWith(CasesEnding, StringComparison.Ordinal);

    private static bool IsPolicyPath(string path) =>
        path.StartsWith(Folder, StringComparison.Ordinal) && path.EndsWith(".yaml", StringComparison.Ordinal);
}
