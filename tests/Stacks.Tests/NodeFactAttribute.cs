namespace ControlPlane.Stacks.Tests;

/// <summary>Marks a test against the official Node packages; it is skipped where there is no npm.</summary>
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "npm")))) Skip = "npm is not installed";
    }
}
