using System.Text.RegularExpressions;
using ControlPlane.Sdk.Tests.Conformance;
using ControlPlane.Sdk.Tests.Doubles;

namespace ControlPlane.Sdk.Tests.Surface;

/// <summary>What <c>PulumiSdk</c> may be, on a copy of the stacks' project beside links to what it needs.</summary>
public sealed class SwitchTests
{
    private static readonly string[] Official = ["Pulumi", "Pulumi.Aws", "Pulumi.Azure", "Pulumi.Kubernetes"];

    [Fact]
    public async Task The_stacks_compile_and_run_on_a_folder_of_assemblies_named_as_the_official_ones()
    {
        using var tree = new SwitchTree();
        var folder = await tree.BuildOfficialNamesAsync();
        await using var monitor = await MonitorDouble.StartAsync(new() { IsDryRun = true });

        var built = await tree.DotnetAsync(
            "build", "-c", "Release", "-p:BuildProjectReferences=false", "-p:RestoreRecursive=false",
            "-p:PulumiSdk=path", $"-p:PulumiSdkPath={folder}");
        var run = await StackConfig.RunAsync(monitor.Address, "de-ionos", isDryRun: true, tree.Program);

        Assert.True(built.Code == 0, built.Output);
        Assert.Equal(new SampleRun(0, ""), run);
        Assert.Equal(57, monitor.Record.Registered.Count);
        var used = UsedApi.Assemblies(tree.Program);
        Assert.Equal(Official, used.Where(name => name.Contains("Pulumi", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task With_packages_the_restore_wants_the_four_official_ones_and_nothing_else()
    {
        using var tree = new SwitchTree();
        var nowhere = Directory.CreateDirectory(Path.Combine(tree.Root, "nowhere")).FullName;

        var restored = await tree.DotnetAsync(
            "restore", "-p:PulumiSdk=packages", "-p:RestoreRecursive=false", "-s", nowhere);

        // Whoever has the packages restores them; whoever has not is told which they are.
        var missing = Regex.Matches(restored.Output, "NU1101: Unable to find package ([A-Za-z.]+[A-Za-z])")
            .Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);
        Assert.True(restored.Code == 0 || missing.SequenceEqual(Official), restored.Output);
        Assert.Equal(
            ["Pulumi 3.112.1", "Pulumi.Aws 7.48.0", "Pulumi.Azure 6.40.0", "Pulumi.Kubernetes 4.34.2"], tree.Wanted());
    }

    [Theory]
    [InlineData("-p:PulumiSdk=nuget", "PulumiSdk is 'nuget'; it must be bundled, packages or path.")]
    [InlineData(
        "-p:PulumiSdk=path",
        "PulumiSdk=path needs PulumiSdkPath, the folder with Pulumi.dll and the provider assemblies.")]
    [InlineData(
        "-p:PulumiSdk=path;PulumiSdkPath=/nowhere", "PulumiSdkPath is '/nowhere', but there is no Pulumi.dll.")]
    public async Task What_the_switch_cannot_be_is_said(string property, string expected)
    {
        using var tree = new SwitchTree();

        var ended = await tree.DotnetAsync("msbuild", "-t:CheckPulumiSdk", property);

        Assert.NotEqual(0, ended.Code);
        Assert.Contains(expected, ended.Output, StringComparison.Ordinal);
    }
}
