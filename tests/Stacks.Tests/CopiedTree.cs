namespace ControlPlane.Stacks.Tests;

/// <summary>A copy of the declared files in which a test changes one thing; programs are the checkout's own.</summary>
internal sealed class CopiedTree : IDisposable
{
    public CopiedTree()
    {
        Copy("regions");
        Copy("stacks/config");
        Directory.CreateDirectory(Path.Combine(Root, "policies/pack"));
        foreach (var folder in (string[])["stacks/bin", "policies/pack/bin"])
            Directory.CreateSymbolicLink(Path.Combine(Root, folder), Path.Combine(Checkout.Root, folder));
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("cplane-tree-").FullName;

    /// <summary>Changes a text once in a file.</summary>
    public void Change(string file, string old, string replacement)
    {
        var path = Path.Combine(Root, file);
        var text = File.ReadAllText(path);
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{file} does not hold {old}");
        File.WriteAllText(path, text[..at] + replacement + text[(at + old.Length)..]);
    }

    public string Write(string file, string text)
    {
        var path = Path.Combine(Root, file);
        File.WriteAllText(path, text);
        return path;
    }

    public string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void Copy(string folder)
    {
        var source = Path.Combine(Checkout.Root, folder);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Root, Path.GetRelativePath(Checkout.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
