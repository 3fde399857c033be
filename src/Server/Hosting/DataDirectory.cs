namespace ControlPlane.Server.Hosting;

/// <summary>Holds the directory that one server keeps everything in, and keeps every other server out of it.</summary>
internal sealed class DataDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // EWOULDBLOCK: what flock answers when another process holds the lock.
    private const int WouldBlock = 11;

    private readonly FileStream held;

    private DataDirectory(string root, FileStream held)
    {
        Root = root;
        this.held = held;
    }

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    /// <summary>
    /// Takes the directory, making it when absent. The lock is the kernel's (flock), so it is gone the moment its
    /// holder is, however that ends; the process id beside it is only for the message.
    /// </summary>
    public static DataDirectory Take(string root)
    {
        var lockFile = Path.Combine(root, "server.lock");
        try
        {
            // As root the database runs under another account, which has to get through to its own files.
            var mode = Environment.IsPrivilegedProcess
                ? OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute
                : OwnerOnly;
            Directory.CreateDirectory(root, mode);
            var held = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(ProcessFile(root), $"{Environment.ProcessId}\n");
            return new DataDirectory(root, held);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new StartRefusedException(
                ExitCode.Conflict, $"{root} cannot be written to by this user: {refused.Message}", refused);
        }
        catch (IOException busy) when (busy.HResult == WouldBlock)
        {
            throw new StartRefusedException(
                ExitCode.Conflict,
                $"another server{HolderOf(root)} is using the data in {root}; stop it or choose another --data",
                busy);
        }
        catch (IOException unusable)
        {
            throw new StartRefusedException(
                ExitCode.Conflict, $"{root} cannot be used as data directory: {unusable.Message}", unusable);
        }
    }

    public void Dispose() => held.Dispose();

    /// <summary>Kept apart from the lock, which nobody else can read while it is held.</summary>
    private static string ProcessFile(string root) => Path.Combine(root, "server.pid");

    private static string HolderOf(string root) =>
        File.Exists(ProcessFile(root)) ? $" (process {File.ReadAllText(ProcessFile(root)).Trim()})" : "";
}
