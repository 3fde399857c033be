namespace ControlPlane.SiteAgent.Failover;

/// <summary>
/// Keeps the few files of one site that outlive the agent: its key, its last session, what its driver must remember.
/// Only its user can read them, and each is replaced whole.
/// </summary>
internal sealed class SiteFolder
{
    public const string Key = "agent.key";
    public const string Session = "session";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public SiteFolder(string path)
    {
        Path = path;
        Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    public string Path { get; }

    /// <summary>The text of a file; null when there is none.</summary>
    public string? ReadText(string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    /// <summary>Replaces a file such that a crash leaves the old text or the new one.</summary>
    public void WriteText(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly,
        };
        using (var stream = new FileStream(path + ".next", options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(path + ".next", path, overwrite: true);
    }
}
