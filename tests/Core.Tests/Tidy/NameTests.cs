using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ControlPlane.Core.Tests.Tidy;

public sealed partial class NameTests
{
    /// <summary>Words that say nothing about what a thing is for.</summary>
    private static readonly string[] Empty =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Service", "Base", "Impl", "Info", "Common"];

    /// <summary>Folders that carry a feature; the same thing has the same name in every project.</summary>
    private static readonly string[] Features =
    [
        "Regions", "Inventory", "Workloads", "Policies", "Placements", "Failover", "Ledger", "Capacity", "Identity",
        "Cells",
    ];

    /// <summary>Folders that are no feature, by project.</summary>
    private static readonly Dictionary<string, string[]> OtherFolders = new(StringComparer.Ordinal)
    {
        ["src/Core"] = ["Files", "Reviews", "Stacks"],
        ["src/Server"] = ["Database", "Files", "Hosting"],
        ["src/Cli"] = ["Client", "Files", "Terminal", "Stacks"],
        ["src/SiteAgent"] = ["Drivers", "Hosting"],
        ["tests/Core.Tests"] = ["Files", "Reviews", "Simulation", "Stacks", "Tidy", "Worlds", "golden"],
        ["tests/Server.Tests"] = ["Database", "Files", "Hosting", "Chaos", "Trace", "Api", "golden"],
        ["tests/Cli.Tests"] = ["Client", "Files", "Terminal", "Stacks", "golden"],
        ["tests/SiteAgent.Tests"] = ["Drivers", "Hosting", "golden"],
    };

    [Fact]
    public void No_name_holds_a_word_that_says_nothing()
    {
        var poor =
            from file in SourceCode.Below("src").Concat(SourceCode.Below("tests"))
            from node in file.Root.DescendantNodes()
            let name = DeclaredName(node)
            where name is not null && Words(name).Intersect(Empty).Any()
            select $"{file.At(node)} {name}";

        Faults.None(poor);
    }

    [Fact]
    public void A_file_is_named_for_the_type_it_holds()
    {
        var strange =
            from file in SourceCode.Below("src").Concat(SourceCode.Below("tests"))
            let name = file.Name.Split('.')[0]
            let types = file.Types.Select(type => type.Identifier.Text).ToList()
            where types.Count > 0 && !types.Contains(name) && !types.Exists(type => IsOneOf(type, name))
            select $"{file.Path} holds {string.Join(", ", types)}";

        Faults.None(strange);
    }

    [Fact]
    public void Types_that_share_a_file_with_another_are_records_and_enums()
    {
        var crowded =
            from file in SourceCode.Below("src")
            from type in file.Types
            where type.Identifier.Text != file.Name && !IsOneOf(type.Identifier.Text, file.Name)
            where type is not (RecordDeclarationSyntax or EnumDeclarationSyntax)
            where type.Modifiers.Any(modifier => modifier.Text == "public") && !IsSmall(type)
            select $"{file.At(type)} {type.Identifier.Text}";

        Faults.None(crowded);
    }

    [Fact]
    public void A_namespace_is_the_folder()
    {
        var strange =
            from file in SourceCode.Below("src/Core")
            let folder = Path.GetDirectoryName(file.Path)!["src/Core".Length..].Trim('/').Replace('/', '.')
            let expected = folder.Length == 0 ? "ControlPlane" : $"ControlPlane.{folder}"
            from space in file.Nodes<BaseNamespaceDeclarationSyntax>()
            where space.Name.ToString() != expected
            select $"{file.Path} is in {space.Name}";

        Faults.None(strange);
    }

    [Fact]
    public void A_folder_is_a_feature_or_known_to_be_none()
    {
        var strange =
            from project in OtherFolders
            from path in TextFile.Below(project.Key)
            let steps = path[(project.Key.Length + 1)..].Split('/')
            where steps.Length > 1 && !Features.Contains(steps[0]) && !project.Value.Contains(steps[0])
            select $"{project.Key}/{steps[0]}";

        Faults.None(strange);
    }

    /// <summary>The words of a name in PascalCase or camelCase.</summary>
    internal static IEnumerable<string> Words(string name) => WordText().Matches(name).Select(match => match.Value);

    // A file such as Ids holds several types whose names end in Id, and Isolation may hold IsolationLevel.
    private static bool IsOneOf(string type, string file) => type.StartsWith(file, StringComparison.Ordinal)
        || (file.EndsWith('s') && type.EndsWith(Words(file).Last()[..^1], StringComparison.Ordinal));

    // An exception or a list of constants beside the type that it belongs to is easier found there.
    private static bool IsSmall(BaseTypeDeclarationSyntax type)
    {
        var span = type.SyntaxTree.GetLineSpan(type.Span);
        return span.EndLinePosition.Line - span.StartLinePosition.Line <= 40;
    }

    private static string? DeclaredName(SyntaxNode node) => node switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        MethodDeclarationSyntax method => method.Identifier.Text.Contains('_') ? null : method.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        BaseNamespaceDeclarationSyntax space => space.Name.ToString(),
        _ => null,
    };

    [GeneratedRegex("[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")]
    private static partial Regex WordText();
}
