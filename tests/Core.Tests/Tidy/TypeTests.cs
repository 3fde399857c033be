using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ControlPlane.Core.Tests.Tidy;

public sealed class TypeTests
{
    [Fact]
    public void Every_public_type_says_what_it_is_in_a_sentence()
    {
        var silent =
            from file in SourceCode.Below("src")
            from type in file.Types
            where type.Modifiers.Any(SyntaxKind.PublicKeyword) && !HasSentence(type)
            select $"{file.At(type)} {type.Identifier.Text}";

        Faults.None(silent);
    }

    [Fact]
    public void Every_interface_has_two_implementations()
    {
        var implementations = SourceCode.All
            .SelectMany(file => file.Nodes<TypeDeclarationSyntax>())
            .Where(type => type is not InterfaceDeclarationSyntax && type.BaseList is not null)
            .SelectMany(type => type.BaseList!.Types.Select(listed => Plain(listed.Type)))
            .CountBy(name => name)
            .ToDictionary(StringComparer.Ordinal);
        var lonely =
            from file in SourceCode.Below("src")
            from type in file.Nodes<InterfaceDeclarationSyntax>()
            where implementations.GetValueOrDefault(type.Identifier.Text) < 2
            select $"{file.At(type)} {type.Identifier.Text}";

        Faults.None(lonely);
    }

    [Fact]
    public void Nothing_static_can_change()
    {
        var fields =
            from file in SourceCode.Below("src")
            from field in file.Nodes<FieldDeclarationSyntax>()
            where field.Modifiers.Any(SyntaxKind.StaticKeyword) && !field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword)
            select file.At(field);
        var properties =
            from file in SourceCode.Below("src")
            from property in file.Nodes<PropertyDeclarationSyntax>()
            where property.Modifiers.Any(SyntaxKind.StaticKeyword)
            where property.AccessorList?.Accessors.Any(SyntaxKind.SetAccessorDeclaration) ?? false
            select file.At(property);

        Faults.None(fields.Concat(properties));
    }

    [Fact]
    public void Classes_are_closed_unless_others_build_on_them()
    {
        var open =
            from file in SourceCode.Below("src")
            from type in file.Nodes<TypeDeclarationSyntax>()
            where type is ClassDeclarationSyntax || type.IsKind(SyntaxKind.RecordDeclaration)
            where !type.Modifiers.Any(modifier => modifier.Kind()
                is SyntaxKind.SealedKeyword or SyntaxKind.StaticKeyword or SyntaxKind.AbstractKeyword)
            where !type.Modifiers.Any(SyntaxKind.PartialKeyword)
            select $"{file.At(type)} {type.Identifier.Text}";

        Faults.None(open);
    }

    private static bool HasSentence(SyntaxNode type) => type.GetLeadingTrivia()
        .Select(trivia => trivia.GetStructure())
        .OfType<DocumentationCommentTriviaSyntax>()
        .SelectMany(comment => comment.Content.OfType<XmlElementSyntax>())
        .Any(element => element.StartTag.Name.ToString() == "summary"
            && element.Content.ToString().TrimEnd(' ', '\n', '/').EndsWith('.')
            && element.Content.ToString().Split(' ').Length >= 3);

    private static string Plain(TypeSyntax type) => type switch
    {
        GenericNameSyntax generic => generic.Identifier.Text,
        QualifiedNameSyntax qualified => Plain(qualified.Right),
        _ => type.ToString(),
    };
}
