using System.Runtime.CompilerServices;

namespace ControlPlane.Server.Tests;

/// <summary>Compares text with a file of the repository; UPDATE_GOLDEN=1 writes the file instead.</summary>
internal static class Golden
{
    public static void Equal(string path, string actual)
    {
        var file = Path.Combine(Root(), path);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        Assert.True(File.Exists(file), $"{path} is missing; run with UPDATE_GOLDEN=1 to write it");
        Assert.Equal(File.ReadAllText(file), actual);
    }

    /// <summary>The root of the repository.</summary>
    public static string Root([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
