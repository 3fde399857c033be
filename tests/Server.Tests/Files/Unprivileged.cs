using System.Runtime.InteropServices;

namespace ControlPlane.Server.Tests.Files;

/// <summary>Runs code with the file rights of nobody, since root may read what nobody may.</summary>
internal static class Unprivileged
{
    private const uint Nobody = 65534;

    /// <summary>Runs synchronous code; for other users than root, who are bound anyway, nothing changes.</summary>
    public static T Run<T>(Func<T> code)
    {
        var before = SetFileUser(Nobody);
        try
        {
            return code();
        }
        finally
        {
            _ = SetFileUser((uint)before);
        }
    }

    // Holds for the calling thread only.
    [DllImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetFileUser(uint user);
}
