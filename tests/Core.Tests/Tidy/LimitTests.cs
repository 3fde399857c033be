using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ControlPlane.Core.Tests.Tidy;

public sealed class LimitTests
{
    private const int MostFileLines = 350;
    private const int MostMethodLines = 60;
    private const int MostColumns = 120;
    private const int MostParameters = 4;

    [Fact]
    public void No_file_is_longer_than_350_lines()
    {
        var longFiles = SourceCode.All
            .Select(file => (file.Path, Lines: file.Tree.GetText().Lines.Count))
            .Where(file => file.Lines > MostFileLines + 1)
            .Select(file => $"{file.Path} has {file.Lines} lines");

        Faults.None(longFiles);
    }

    [Fact]
    public void No_line_is_longer_than_120_columns()
    {
        var wide =
            from file in SourceCode.All
            from line in file.Tree.GetText().Lines
            where line.Span.Length > MostColumns && !IsInText(file, line.Start)
            select $"{file.Path}:{line.LineNumber + 1} has {line.Span.Length} columns";

        Faults.None(wide);
    }

    [Fact]
    public void No_method_is_longer_than_60_lines()
    {
        var longMethods =
            from file in SourceCode.All
            from node in file.Root.DescendantNodes()
            where node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
            let span = file.Tree.GetLineSpan(node.Span)
            let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
            where lines > MostMethodLines
            select $"{file.At(node)} has {lines} lines";

        Faults.None(longMethods);
    }

    [Fact]
    public void No_method_takes_more_than_four_parameters()
    {
        var greedy =
            from file in SourceCode.All
            from list in file.Nodes<ParameterListSyntax>()
            where list.Parent is MethodDeclarationSyntax or LocalFunctionStatementSyntax
            where list.Parameters.Count(IsCounted) > MostParameters && !IsGiven(file, list)
            select $"{file.At(list)} takes {list.Parameters.Count} parameters";

        Faults.None(greedy);
    }

    // Text laid down as it is, such as a sample of a file, has the width that it has.
    private static bool IsInText(SourceCode file, int position)
    {
        var token = file.Root.FindToken(position);
        return token.IsKind(SyntaxKind.MultiLineRawStringLiteralToken)
            || token.Parent?.FirstAncestorOrSelf<InterpolatedStringExpressionSyntax>() is
            {
                StringStartToken.RawKind: (int)SyntaxKind.InterpolatedMultiLineRawStringStartToken,
            };
    }

    // Columns of a theory's table are rows of data, and the bundled SDK has the signatures of the official one.
    private static bool IsGiven(SourceCode file, ParameterListSyntax list) =>
        list.Parent is MethodDeclarationSyntax declared
        && (declared.AttributeLists.SelectMany(group => group.Attributes).Any(item => item.Name.ToString() == "Theory")
            || (file.Path.StartsWith("stacks/sdk/Pulumi/", StringComparison.Ordinal)
                && declared.Modifiers.Any(SyntaxKind.PublicKeyword)));

    // A token to stop is passed along and asks for no thought; what is left out at will is no burden either.
    private static bool IsCounted(ParameterSyntax parameter) =>
        parameter.Type?.ToString() is not "CancellationToken" && !parameter.Modifiers.Any(SyntaxKind.ParamsKeyword);
}
