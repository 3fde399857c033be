using System.Diagnostics;
using System.Text.Json;
using ControlPlane.Core.Tests;

namespace ControlPlane.Sdk.Tests.Surface;

/// <summary>
/// The stacks' project in a folder of its own, so that building it in another way leaves the checkout as it is; all
/// that it needs is linked.
/// </summary>
internal sealed class SwitchTree : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private static readonly string[] Linked =
    [
        "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", ".editorconfig",
        "nuget.config", "regions", "src", "stacks/sdk", "stacks/Clouds", "stacks/Platform",
    ];

    public SwitchTree()
    {
        Directory.CreateDirectory(Path.Combine(Root, "stacks"));
        foreach (var name in Linked) Link(name);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Checkout.Root, "stacks"), "*.cs"))
            Link(Path.Combine("stacks", Path.GetFileName(file)));
        File.Copy(Path.Combine(Checkout.Root, "stacks", "Stacks.csproj"), Project);
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("pulumi-sdk-").FullName;

    public string Program => Path.Combine(Root, "stacks", "bin", "Release", "net10.0", "control-plane-stacks.dll");

    private string Project => Path.Combine(Root, "stacks", "Stacks.csproj");

    /// <summary>Runs dotnet with a verb and arguments on the project.</summary>
    public Task<(int Code, string Output)> DotnetAsync(string verb, params string[] arguments) =>
        RunAsync([verb, Project, "--nologo", .. arguments]);

    /// <summary>What the restore graph says that the project wants of Pulumi, with versions.</summary>
    public IEnumerable<string> Wanted()
    {
        var graph = File.ReadAllText(Path.Combine(Root, "stacks", "obj", "Stacks.csproj.nuget.dgspec.json"));
        using var json = JsonDocument.Parse(graph);
        return json.RootElement.GetProperty("projects").GetProperty(Project).GetProperty("frameworks")
            .GetProperty("net10.0").GetProperty("dependencies").EnumerateObject()
            .Where(wanted => wanted.Name.StartsWith("Pulumi", StringComparison.Ordinal))
            .Select(wanted => $"{wanted.Name} {Least(wanted.Value.GetProperty("version").GetString()!)}") // demanded
            .Order(StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>
    /// Builds the sources of the bundled SDK into assemblies that are named and divided as the official ones; gives
    /// their folder.
    /// </summary>
    public async Task<string> BuildOfficialNamesAsync()
    {
        var sdk = Path.Combine(Checkout.Root, "stacks", "sdk");
        var generated = Path.Combine(sdk, "Providers", "obj", "generated");
        var own = Path.Combine(sdk, "Providers");
        Write("Pulumi", [Path.Combine(sdk, "Pulumi", "*", "*.cs"), Path.Combine(sdk, "Pulumi", "*.cs")], []);
        string[] both = ["Pulumi"];
        Write("Pulumi.Aws", [Path.Combine(generated, "aws.*.cs"), Path.Combine(own, "Defaults.cs")], both);
        Write("Pulumi.Azure", [Path.Combine(generated, "azure.*.cs"), Path.Combine(own, "Defaults.cs")], both);
        Write("Pulumi.Kubernetes", [Path.Combine(generated, "kubernetes.*.cs"), Path.Combine(own, "*.cs")], both);
        var all = Write("All", [], ["Pulumi.Aws", "Pulumi.Azure", "Pulumi.Kubernetes"]);
        var folder = Path.Combine(Root, "official");
        var built = await RunAsync(["build", all, "-c", "Release", "--nologo", $"-p:OutDir={folder}/"]);
        Assert.True(built.Code == 0, built.Output);
        File.Delete(Path.Combine(folder, "All.dll"));
        return folder;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    // A version as NuGet writes it when it is the least that will do: "[1.2.3, )".
    private static string Least(string range) => range.Trim('[', ',', ' ', ')');

    private static async Task<(int Code, string Output)> RunAsync(IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_UI_LANGUAGE"] = "en" },
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output + await error);
    }

    private string Write(string name, string[] sources, string[] references)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root, "assemblies", name)).FullName;
        var path = Path.Combine(folder, $"{name}.csproj");
        var compiled = sources.Select(source => $"""<Compile Include="{source}" />""");
        var named = references.Select(other => $"""<ProjectReference Include="../{other}/{other}.csproj" />""");
        var given = ((string[])["ControlPlane.Pulumi.Rpc.dll", "Google.Protobuf.dll"])
            .Select(file => $"""<Reference Include="{Path.Combine(AppContext.BaseDirectory, file)}" />""");
        File.WriteAllText(path, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <RootNamespace>Pulumi</RootNamespace>
                <EnableDefaultCompileItems>false</EnableDefaultCompileItems>
                <TreatWarningsAsErrors>false</TreatWarningsAsErrors>
                <WarningLevel>0</WarningLevel>
                <RunAnalyzers>false</RunAnalyzers>
                <EnforceCodeStyleInBuild>false</EnforceCodeStyleInBuild>
                <GenerateDocumentationFile>false</GenerateDocumentationFile>
                <RestorePackagesWithLockFile>false</RestorePackagesWithLockFile>
              </PropertyGroup>
              <ItemGroup>
                <FrameworkReference Include="Microsoft.AspNetCore.App" />
                <Using Include="System.Collections.Immutable" />
                {string.Join("\n    ", [.. compiled, .. named, .. given])}
              </ItemGroup>
            </Project>
            """);
        return path;
    }

    private void Link(string name)
    {
        var target = Path.Combine(Checkout.Root, name);
        var link = Path.Combine(Root, name);
        if (Directory.Exists(target)) Directory.CreateSymbolicLink(link, target);
        else if (File.Exists(target)) File.CreateSymbolicLink(link, target);
    }
}
