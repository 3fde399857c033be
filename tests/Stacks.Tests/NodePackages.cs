using System.Diagnostics;

namespace ControlPlane.Stacks.Tests;

/// <summary>The official Node packages that conformance is tested against, installed once for each lock file.</summary>
internal static class NodePackages
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly SemaphoreSlim OneAtATime = new(1);

    private static string Source { get; } = Path.Combine(Checkout.Root, "tests/Stacks.Tests/npm");

    private static string Folder { get; } = Path.Combine(Checkout.Root, "artifacts/npm/stacks");

    /// <summary>Runs a script of the tests with arguments and the packages' folder; gives what it prints.</summary>
    public static async Task<string> RunAsync(string script, params IReadOnlyList<string> arguments)
    {
        await InstallAsync();
        return await RunAsync("node", [Path.Combine(Source, script), .. arguments, Folder], Folder);
    }

    private static async Task InstallAsync()
    {
        await OneAtATime.WaitAsync();
        try
        {
            Directory.CreateDirectory(Folder);
            var wanted = await File.ReadAllTextAsync(Path.Combine(Source, "package-lock.json"));
            var mark = Path.Combine(Folder, "installed-lock.json");
            if (File.Exists(mark) && await File.ReadAllTextAsync(mark) == wanted) return;
            foreach (var name in (string[])["package.json", "package-lock.json"])
                File.Copy(Path.Combine(Source, name), Path.Combine(Folder, name), overwrite: true);
            await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], Folder);
            await File.WriteAllTextAsync(mark, wanted);
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}\n{await output}\n{await errors}");
        return await output;
    }
}
