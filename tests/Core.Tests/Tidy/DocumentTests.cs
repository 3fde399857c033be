using System.Text.RegularExpressions;

namespace ControlPlane.Core.Tests.Tidy;

public sealed partial class DocumentTests
{
    private static readonly IReadOnlyList<string> Documents =
        [.. TextFile.All.Where(path => path.EndsWith(".md", StringComparison.Ordinal))];

    [Fact]
    public void Every_link_leads_somewhere()
    {
        var broken =
            from document in Documents
            from line in TextFile.Lines(document).Index()
            from Match link in LinkText().Matches(line.Item)
            let problem = Problem(document, link.Groups["target"].Value)
            where problem is not null
            select $"{document}:{line.Index + 1} {problem}";

        Faults.None(broken);
    }

    [Fact]
    public void Every_path_of_the_checkout_that_is_named_exists()
    {
        var missing =
            from document in Documents
            where document != "CHANGELOG.md"
            from line in TextFile.Lines(document).Index()
            from Match named in PathText().Matches(line.Item)
            let path = named.Groups["path"].Value.TrimEnd('/')
            where !path.Contains('*') && !path.Contains('X') && !path.Contains('<') && !Exists(path)
            select $"{document}:{line.Index + 1} {path}";

        Faults.None(missing);
    }

    [Fact]
    public void Every_decision_says_what_was_chosen_and_what_follows()
    {
        var bare =
            from document in Documents
            where document.StartsWith("docs/decisions/0", StringComparison.Ordinal)
            let text = TextFile.Read(document)
            from part in new[] { "## Problem", "## Choice", "## Instead", "## Follows" }
            where !text.Contains(part + "\n", StringComparison.Ordinal)
            select $"{document} lacks {part}";

        Faults.None(bare);
    }

    private static string? Problem(string document, string target)
    {
        if (target.Contains("://", StringComparison.Ordinal)) return null;
        var (path, anchor) = target.Split('#') is [var file, var heading] ? (file, heading) : (target, null);
        var named = path.Length == 0
            ? document
            : Path.GetRelativePath(Checkout.Root, Path.Combine(Checkout.Root, Path.GetDirectoryName(document)!, path));
        if (!Exists(named)) return $"{target} is not there";
        return anchor is null || Anchors(named).Contains(anchor) ? null : $"{target} names no heading";
    }

    private static bool Exists(string path)
    {
        var full = Path.Combine(Checkout.Root, path);
        return File.Exists(full) || Directory.Exists(full);
    }

    private static IEnumerable<string> Anchors(string document) =>
        from line in TextFile.Lines(document)
        where line.StartsWith('#')
        let title = line.TrimStart('#').Trim().ToLowerInvariant()
        select NotInAnchor().Replace(title, "").Replace(' ', '-');

    [GeneratedRegex(@"\[[^\]]+\]\((?<target>[^)\s]+)\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"`(?<path>(src|docs|tests|regions|policies|stacks)/[^`\s]*)`")]
    private static partial Regex PathText();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
