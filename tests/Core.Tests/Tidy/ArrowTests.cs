using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ControlPlane.Core.Tests.Tidy;

public sealed class ArrowTests
{
    /// <summary>
    /// What each part of Core may know, besides the words that all share (ids, lists, problems). Parts stand on those
    /// above them, never the other way round.
    /// </summary>
    private static readonly Dictionary<string, string[]> MayKnow = new(StringComparer.Ordinal)
    {
        ["Files"] = [],
        ["Regions"] = ["Files"],
        ["Workloads"] = ["Files", "Regions"],
        ["Inventory"] = ["Files", "Regions", "Workloads"],
        ["World"] = ["Regions", "Workloads", "Inventory"],
        ["Policies"] = ["Files", "Regions", "Workloads", "Inventory", "World"],
        ["Placements"] = ["Files", "Regions", "Workloads", "Inventory", "World", "Policies"],
        ["Failover"] = ["Files", "Regions", "Workloads", "Inventory", "World", "Policies", "Placements"],
        ["Capacity"] = ["Files", "Regions", "Workloads", "Inventory", "World", "Policies", "Placements"],
        ["Ledger"] = ["Files", "Regions", "Workloads", "Inventory", "World", "Policies", "Placements", "Failover",
            "Capacity"],
        ["Reviews"] = ["Files", "Regions", "Workloads", "Inventory", "World", "Policies", "Placements", "Ledger"],
        ["Cells"] =
            ["Files", "Regions", "Workloads", "Inventory", "World", "Policies", "Placements", "Failover"],
        ["Stacks"] = ["Files", "Regions"],
    };

    /// <summary>Which projects a project may name; the bundled SDK of stacks is a small world of its own.</summary>
    private static readonly (string Folder, string[] MayName)[] Projects =
    [
        ("src/Core/", []),
        ("src/Cli/", ["src/Core/", "stacks/sdk/Rpc/"]),
        ("src/", ["src/Core/"]),
        ("stacks/sdk/", ["stacks/sdk/"]),
        ("stacks/", ["src/Core/", "stacks/sdk/"]),
        ("policies/", ["src/Core/", "stacks/sdk/"]),
        ("tests/", ["src/", "stacks/", "policies/", "tests/"]),
    ];

    [Fact]
    public void Projects_know_Core_and_nothing_else()
    {
        var wrong =
            from path in TextFile.All
            where path.EndsWith(".csproj", StringComparison.Ordinal)
            let mayName = Projects.First(rule => path.StartsWith(rule.Folder, StringComparison.Ordinal)).MayName
            from named in ReferencesOf(path)
            where !mayName.Any(folder => named.StartsWith(folder, StringComparison.Ordinal))
            select $"{path} -> {named}";

        Faults.None(wrong);
    }

    [Fact]
    public void Core_needs_no_package_but_the_reader_of_YAML()
    {
        var packages = XDocument.Parse(TextFile.Read("src/Core/Core.csproj"))
            .Descendants("PackageReference")
            .Where(reference => (string?)reference.Attribute("PrivateAssets") != "all")
            .Select(reference => (string?)reference.Attribute("Include"));

        Assert.Equal(["YamlDotNet"], packages);
    }

    [Fact]
    public void Inside_Core_arrows_point_one_way()
    {
        var files = SourceCode.Below("src/Core").ToList();
        var compilation = CSharpCompilation.Create("Core", files.Select(file => file.Tree)
            .Append(CSharpSyntaxTree.ParseText(
                ImplicitUsings, (CSharpParseOptions)files[0].Tree.Options)), PlatformAssemblies.References);

        var wrong =
            from file in files
            let part = PartOf(file.Path)
            where part is not null
            let model = compilation.GetSemanticModel(file.Tree)
            from name in file.Nodes<SimpleNameSyntax>()
            from other in PartsOf(model.GetSymbolInfo(name).Symbol)
            where other != part && !MayKnow[part].Contains(other)
            select $"{file.At(name)} {part} -> {other}: {name.Identifier.Text}";

        Faults.None(wrong);
    }

    [Fact]
    public void Every_part_of_Core_has_its_place()
    {
        var parts = SourceCode.Below("src/Core").Select(file => PartOf(file.Path)).OfType<string>().Distinct();

        Faults.None(parts.Except(MayKnow.Keys));
    }

    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    // Files beside the folders hold the words that all share; the world alone is a part.
    private static string? PartOf(string path)
    {
        var steps = path.Split('/');
        return steps.Length > 3 ? steps[2] : steps[^1] == "World.cs" ? "World" : null;
    }

    private static IEnumerable<string> PartsOf(ISymbol? symbol) => symbol is null or INamespaceSymbol
        ? []
        : symbol.OriginalDefinition.Locations
            .Where(location => location.IsInSource && location.SourceTree.FilePath.Length > 0)
            .Select(location => PartOf(location.SourceTree!.FilePath))
            .OfType<string>();

    private static IEnumerable<string> ReferencesOf(string project)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Checkout.Root, project))!;
        return XDocument.Parse(TextFile.Read(project))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFullPath(Path.Combine(folder, (string)reference.Attribute("Include")!)))
            .Select(path => Path.GetRelativePath(Checkout.Root, path));
    }
}
