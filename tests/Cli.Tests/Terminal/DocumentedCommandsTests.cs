using System.Text.RegularExpressions;

namespace ControlPlane.Cli.Tests.Terminal;

public sealed partial class DocumentedCommandsTests
{
    public static TheoryData<string> Documents =>
    [
        "README.md",
        .. Directory.GetFiles(Path.Combine(Checkout.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Checkout.Root, path))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_command_that_is_told_exists(string document)
    {
        var text = File.ReadAllText(Path.Combine(Checkout.Root, document));
        var wrong = CommandText().Matches(text)
            .Select(match => match.Groups["arguments"].Value.Trim())
            .Where(line => line.Contains(' ') && !line.Contains("ID", StringComparison.Ordinal))
            .Where(line => CommandTree.Build().Parse(line).Errors.Count > 0);

        Assert.Equal([], wrong);
    }

    [GeneratedRegex(@"(^ {4}|^\$ |`)(\./)?cplane (?<arguments>[^`#|>\n]*)", RegexOptions.Multiline)]
    private static partial Regex CommandText();
}
