using ControlPlane.Core.Tests;

namespace ControlPlane.Traces;

/// <summary>
/// Finds the data folder: public traces that are too large, or not free enough, to be part of the checkout. It is what
/// <c>CPLANE_DATA</c> names, else a folder <c>data</c> inside one of the folders beside the checkout.
/// </summary>
internal static class DataFolder
{
    /// <summary>Name of the environment variable that says where the data folder is.</summary>
    public const string Variable = "CPLANE_DATA";

    private static readonly string Nodes = Path.Combine("traces", "openb_node_list_gpu_node.csv");

    /// <summary>The folder; null when there is none on this machine.</summary>
    public static string? Root { get; } = Find();

    /// <summary>What to tell whoever lacks it.</summary>
    public static string Absence { get; } =
        $"the data folder with {Nodes} is absent; set {Variable} to where the public GPU trace openb is kept";

    public static string In(params string[] names) =>
        Path.Combine([Root ?? throw new InvalidOperationException(Absence), .. names]);

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return Has(named) ? named : null;
        var beside = Directory.GetParent(Checkout.Root);
        return beside?.EnumerateDirectories()
            .Select(folder => Path.Combine(folder.FullName, "data"))
            .Order(StringComparer.Ordinal)
            .FirstOrDefault(Has);
    }

    private static bool Has(string folder) => File.Exists(Path.Combine(folder, Nodes));
}
