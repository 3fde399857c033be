using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ControlPlane.Core.Tests.Tidy;

public sealed partial class CommentTests
{
    [Fact]
    public void No_code_is_commented_out()
    {
        var dead =
            from file in SourceCode.All
            from trivia in file.Root.DescendantTrivia()
            where trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
            where DeadCode().IsMatch(trivia.ToString())
            select $"{file.At(trivia.GetLocation())} {trivia}";

        Faults.None(dead);
    }

    [Fact]
    public void Nothing_is_left_for_later_in_a_comment()
    {
        var left =
            from path in TextFile.All
            where path != ThisFile
            from line in TextFile.Lines(path).Index()
            where LeftForLater().IsMatch(line.Item)
            select $"{path}:{line.Index + 1} {line.Item.Trim()}";

        Faults.None(left);
    }

    [Fact]
    public void Nothing_depends_on_the_machine_it_was_written_on()
    {
        var local =
            from path in TextFile.All
            where path != ThisFile
            from line in TextFile.Lines(path).Index()
            where MachinePath().IsMatch(line.Item)
            select $"{path}:{line.Index + 1} {line.Item.Trim()}";

        Faults.None(local);
    }

    private const string ThisFile = "tests/Core.Tests/Tidy/CommentTests.cs";

    [GeneratedRegex(@"(;|\{|\}|=>|&&|\|\|)\s*$|^//\s*(return|var|await|foreach|public|private|internal)\b.*[;)]\s*$")]
    private static partial Regex DeadCode();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex LeftForLater();

    [GeneratedRegex(@"(?<![\w.])/(work|root|Users)/|(?<![\w.])/home/(?!(user|ada)\b)\w+/|C:\\Users\\")]
    private static partial Regex MachinePath();
}
