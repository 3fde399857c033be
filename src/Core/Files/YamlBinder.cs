using System.Globalization;
using System.Reflection;

namespace ControlPlane.Files;

/// <summary>
/// Reads a declared YAML file into a record, strictly: unknown, missing, repeated or misread fields are problems, and
/// all problems of a file are reported at once with their line and column.
/// </summary>
public static class YamlBinder
{
    private const string VersionField = "schemaVersion";

    /// <summary>The value of a file, or everything that is wrong with it.</summary>
    public static Checked<T> Bind<T>(SourceFile file) where T : class => Draft<T>(file).Check();

    /// <summary>The file as far as it can be bound, for checks across fields and files.</summary>
    public static FileDraft<T> Draft<T>(SourceFile file) where T : class
    {
        var (root, problems) = YamlTree.Read(file);
        if (root is null) return new FileDraft<T>(file.Path, null, problems, null);
        var binding = new FileBinding(file.Path, problems);
        if (root is not YamlMap map)
        {
            binding.Report("field-type", "", "must hold fields at its top level", root);
            return new FileDraft<T>(file.Path, null, problems, binding);
        }

        if (!VersionFits(map, typeof(T), binding)) return new FileDraft<T>(file.Path, null, problems, binding);
        var body = map with { Entries = [.. map.Entries.Where(entry => entry.Key.Text != VersionField)] };
        var value = (T?)binding.Bind(body, FileShapes.Of<T>(), "", null);
        return new FileDraft<T>(file.Path, value, problems, binding);
    }

    internal static FileVersionsAttribute VersionsOf(Type type) =>
        type.GetCustomAttribute<FileVersionsAttribute>() ?? new FileVersionsAttribute(1, 1);

    // A file of another version is not bound: what its fields mean is unknown. One without a version is, as the newest.
    private static bool VersionFits(YamlMap map, Type type, FileBinding binding)
    {
        var versions = VersionsOf(type);
        var (oldest, newest) = (versions.Oldest, versions.Newest);
        var range = oldest == newest ? $"{newest}" : $"{oldest} to {newest}";
        var entry = map.Entries.FirstOrDefault(entry => entry.Key.Text == VersionField);
        if (entry is null)
        {
            binding.Report("field-required", VersionField, $"is missing; write {VersionField}: {versions.Newest}", map);
            return true;
        }

        var outcome = entry.Value is YamlScalar scalar
            ? ScalarReader.Read(scalar, FileShapes.Of<int>(), null)
            : ScalarOutcome.Wrong("field-type", "must be a whole number");
        if (outcome.Value is not int version)
        {
            binding.Report(outcome.Slug, VersionField, outcome.Message, entry.Value);
            return true;
        }

        if (version >= versions.Oldest && version <= versions.Newest) return true;
        var shown = version.ToString(CultureInfo.InvariantCulture);
        binding.Report("schema-version", VersionField, $"is {shown}; this program understands {range}", entry.Value);
        return false;
    }
}
