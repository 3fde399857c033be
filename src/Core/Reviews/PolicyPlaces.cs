using ControlPlane.Files;
using ControlPlane.Policies;

namespace ControlPlane.Reviews;

/// <summary>A line of a declared file.</summary>
public readonly record struct FilePlace(string File, int Line);

/// <summary>Tells in which file and line a policy, a rule or a field of a policy stands.</summary>
public sealed class PolicyPlaces
{
    private readonly Dictionary<string, FilePlace> places = new(StringComparer.Ordinal);
    private readonly Dictionary<PolicyId, FileDraft<Policy>> drafts = [];

    /// <summary>Reads the places of all policies among the files; files that are none are passed over.</summary>
    public static PolicyPlaces Of(IEnumerable<SourceFile> files)
    {
        var found = new PolicyPlaces();
        foreach (var file in files
            .Where(file => file.Path != PolicyFiles.PreferencesPath && !PolicyFiles.IsCasesPath(file.Path)))
        {
            var draft = YamlBinder.Draft<Policy>(file);
            if (draft.Value is not { } policy || policy.Id.Value is not { } id) continue;
            found.drafts[policy.Id] = draft;
            for (var index = 0; index < policy.Rules.Count; index++)
            {
                if (policy.Rules[index]?.Rule is { } rule) found.places[$"{id}/{rule}"] = At(draft, $"rules[{index}]");
            }
        }

        return found;
    }

    /// <summary>Where a rule such as <c>eu-health/stays-in-the-eu</c> stands; null when no file has it.</summary>
    public FilePlace? OfRule(string rule) => places.TryGetValue(rule, out var place) ? place : null;

    /// <summary>Where a policy stands, or a field of it.</summary>
    public FilePlace? OfPolicy(PolicyId policy, string path = "") =>
        drafts.TryGetValue(policy, out var draft) ? At(draft, path) : null;

    private static FilePlace At(FileDraft<Policy> draft, string path) => new(draft.Path, draft.Positions.Of(path).Line);
}
