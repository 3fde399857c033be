namespace ControlPlane.Server.Tests;

/// <summary>
/// A directory of one test, gone with it. Other accounts may pass through, as a database run for root must.
/// </summary>
internal sealed class TestDirectory : IDisposable
{
    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public TestDirectory(string? name = null)
    {
        Path = System.IO.Path.Combine("/tmp", $"cplane-test-{name}{Guid.NewGuid():n}"[..(24 + (name?.Length ?? 0))]);
        Directory.CreateDirectory(Path, Mode);
    }

    public string Path { get; }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
