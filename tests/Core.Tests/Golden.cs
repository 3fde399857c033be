namespace ControlPlane.Core.Tests;

/// <summary>Compares text with a committed file; with UPDATE_GOLDEN=1 it writes the file instead.</summary>
internal static class Golden
{
    public static void Check(string path, string actual)
    {
        var file = Path.Combine(Checkout.Root, path);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        Assert.True(File.Exists(file), $"{path} is missing; run the tests with UPDATE_GOLDEN=1 and review it");
        Assert.Equal(File.ReadAllText(file), actual);
    }
}
