using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ControlPlane.Files;

/// <summary>
/// Reads YAML text into nodes. One document, no anchors, aliases or tags, each field once, bounded depth: what is left
/// of YAML means the same to every reader.
/// </summary>
internal sealed class YamlTree
{
    /// <summary>Most levels of lists and maps inside each other.</summary>
    public const int DeepestLevel = 24;

    private readonly string file;
    private readonly Parser parser;
    private readonly List<Problem> problems = [];

    private YamlTree(SourceFile source)
    {
        file = source.Path;
        parser = new Parser(new StringReader(source.Text.TrimStart('\uFEFF')));
    }

    /// <summary>
    /// The document's root, or null when the text is no YAML or empty, with everything found wrong so far.
    /// </summary>
    public static (YamlNode? Root, List<Problem> Problems) Read(SourceFile source)
    {
        var unfit = TextCheck.Find(source).ToList();
        if (unfit.Count > 0) return (null, unfit);
        var tree = new YamlTree(source);
        return (tree.ReadDocument(), tree.problems);
    }

    private YamlNode? ReadDocument()
    {
        try
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                Report("yaml-syntax", "", "is empty", new Mark(0, 1, 1));
                return null;
            }

            parser.Consume<DocumentStart>();
            var root = ReadNode("", 0);
            parser.Consume<DocumentEnd>();
            if (parser.TryConsume<DocumentStart>(out var second))
                Report("yaml-syntax", "", "holds more than one document; split the file", second.Start);
            return root;
        }
        catch (YamlException error)
        {
            Report("yaml-syntax", "", $"is not YAML: {Sentence(error)}", error.Start);
            return null;
        }
        // The scanner answers some malformed plain text with exceptions of its own faults instead of a syntax error.
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException or FormatException)
        {
            Report("yaml-syntax", "", "is not YAML: it cannot be parsed from here on", Here());
            return null;
        }
        catch (TooDeepException)
        {
            return null;
        }
    }

    private YamlNode ReadNode(string path, int depth)
    {
        // The parser is asked for nothing more once the depth is over the limit: its own work grows with the depth.
        if (depth > DeepestLevel)
        {
            Report("yaml-depth", path, $"is nested deeper than {DeepestLevel} levels", parser.Current!.Start);
            throw new TooDeepException();
        }

        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            Report("yaml-alias", path, $"uses the alias *{alias.Value}; write the value out", alias.Start);
            return new YamlBroken((int)alias.Start.Line, (int)alias.Start.Column);
        }

        var node = parser.Accept<NodeEvent>(out var start) ? start : null;
        if (node is { Anchor.IsEmpty: false })
            Report("yaml-alias", path, $"declares the anchor &{node.Anchor.Value}; anchors are refused", node.Start);
        if (node is { Tag.IsEmpty: false })
            Report("yaml-tag", path, $"has the tag {node.Tag.Value}; tags are refused", node.Start);
        if (parser.TryConsume<Scalar>(out var scalar)) return From(scalar);
        if (parser.TryConsume<SequenceStart>(out var list)) return ReadList(list, path, depth);
        return ReadMap(parser.Consume<MappingStart>(), path, depth);
    }

    private YamlList ReadList(SequenceStart start, string path, int depth)
    {
        var items = new List<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(ReadNode($"{path}[{items.Count}]", depth + 1));
        return new YamlList((int)start.Start.Line, (int)start.Start.Column, items);
    }

    private YamlMap ReadMap(MappingStart start, string path, int depth)
    {
        var entries = new List<YamlEntry>();
        var seen = new Dictionary<string, YamlScalar>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var keyNode = ReadNode(path, depth + 1);
            var name = keyNode is YamlScalar text ? text.Text : "?";
            var fieldPath = path.Length == 0 ? name : $"{path}.{name}";
            var value = ReadNode(fieldPath, depth + 1);
            if (keyNode is not YamlScalar key)
                Report("field-type", path, "has a field whose name is not plain text", MarkOf(keyNode));
            else if (seen.TryGetValue(key.Text, out var first))
                Report("duplicate-field", fieldPath, $"is given twice, first in line {first.Line}", MarkOf(key));
            else
            {
                seen.Add(key.Text, key);
                entries.Add(new YamlEntry(key, value));
            }
        }

        return new YamlMap((int)start.Start.Line, (int)start.Start.Column, entries);
    }

    private static YamlScalar From(Scalar scalar) =>
        new((int)scalar.Start.Line, (int)scalar.Start.Column, scalar.Value, scalar.Style != ScalarStyle.Plain);

    private Mark Here() => parser.Current?.End ?? new Mark(0, 1, 1);

    private static Mark MarkOf(YamlNode node) => new(0, node.Line, node.Column);

    private void Report(string slug, string path, string message, Mark at) =>
        problems.Add(new Problem(slug, path, message) { File = file, Line = (int)at.Line, Column = (int)at.Column });

    private static string Sentence(YamlException error)
    {
        var text = error.Message;
        return text.Length == 0 ? "it cannot be parsed" : char.ToLowerInvariant(text[0]) + text[1..].TrimEnd('.');
    }

    private sealed class TooDeepException : Exception;
}
