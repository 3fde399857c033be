namespace ControlPlane.Core.Tests;

/// <summary>The checkout that the tests run in.</summary>
internal static partial class Checkout
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ControlPlane.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"{start} is not inside a checkout");
    }
}
