using ControlPlane.Core.Tests;

namespace ControlPlane.Bench.Http;

/// <summary>
/// A directory for a server to measure: the shipped regions, and of the policies the preferences only, since quotas
/// would end a load early. It is deleted at the end.
/// </summary>
internal sealed class ServerPlace : IDisposable
{
    public ServerPlace(string name)
    {
        Directory = System.IO.Directory.CreateDirectory(
            Path.Combine(Path.GetTempPath(), $"cplane-bench-{name}-{Environment.ProcessId}"),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute).FullName;
        var files = System.IO.Directory.EnumerateFiles(
            Path.Combine(Checkout.Root, "regions"), "*.yaml", SearchOption.AllDirectories)
            .Append(Path.Combine(Checkout.Root, "policies", "preferences.yaml"));
        foreach (var file in files)
        {
            var target = Path.Combine(Directory, Path.GetRelativePath(Checkout.Root, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target)!); // below the directory, so never a root
            File.Copy(file, target);
        }
    }

    public string Directory { get; }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
