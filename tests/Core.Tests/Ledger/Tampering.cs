using System.Text;
using System.Text.Json.Nodes;

namespace ControlPlane.Core.Tests.Ledger;

/// <summary>One way to falsify an export, and the first line at which a verifier must notice.</summary>
/// <param name="What">What was done, for people.</param>
/// <param name="Text">The falsified export.</param>
/// <param name="Line">Line to be named, counted from 1; 0 when only the head that was kept elsewhere tells.</param>
internal sealed record Tampering(string What, string Text, int Line)
{
    public static readonly IReadOnlyList<string> Kinds =
    [
        "flip", "drop", "swap", "repeat", "insert", "cut-line", "empty-line",
        "edit-field", "edit-body", "rehash", "cut-tail",
    ];

    /// <summary>Falsifies the sample in one way, at a place that chance picks.</summary>
    public static Tampering Of(string kind, IReadOnlyList<string> sample, Random random)
    {
        var lines = sample.ToList();
        // Never the last line, so that something stands behind what was done.
        var at = random.Next(0, lines.Count - 1);
        switch (kind)
        {
            case "flip":
                return Flip(lines, random);
            case "drop":
                lines.RemoveAt(at);
                break;
            case "swap":
                var other = random.Next(at + 1, lines.Count);
                (lines[at], lines[other]) = (lines[other], lines[at]);
                break;
            case "repeat":
                lines.Insert(at + 1, lines[at]);
                at++;
                break;
            case "insert":
                lines.Insert(at, lines[random.Next(at + 1, lines.Count)]);
                break;
            case "cut-line":
                lines[at] = lines[at][..random.Next(1, lines[at].Length)];
                break;
            case "empty-line":
                lines.Insert(at, "");
                break;
            case "edit-field":
                lines[at] = Edited(lines[at], random);
                break;
            case "edit-body":
                lines[at] = WithBody(lines[at], random);
                break;
            case "rehash":
                // The record is changed and its own hash made to fit nothing but itself: the next one tells.
                lines[at] = Swapped(lines[at], lines[at + 1]);
                break;
            default:
                lines.RemoveRange(at + 1, lines.Count - at - 1);
                return new Tampering($"everything after line {at + 1} cut off", Joined(lines), 0);
        }

        return new Tampering($"{kind} at line {at + 1}", Joined(lines), at + 1);
    }

    private static Tampering Flip(List<string> lines, Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(Joined(lines));
        // The line feed behind the last record is no part of a record.
        var position = random.Next(0, bytes.Length - 1);
        var line = bytes.AsSpan(0, position).Count((byte)'\n') + 1;
        bytes[position] ^= (byte)(1 << random.Next(0, 8));
        return new Tampering($"a bit flipped in byte {position}", Encoding.Latin1.GetString(bytes), line);
    }

    private static string Edited(string line, Random random)
    {
        var record = JsonNode.Parse(line)!.AsObject();
        switch (random.Next(0, 4))
        {
            case 0:
                record["position"] = (long)record["position"]! + 1;
                break;
            case 1:
                record["at"] = "2026-03-01T00:00:00.0000000+00:00";
                break;
            case 2:
                record["kind"] = (string)record["kind"]! == "hold-confirmed" ? "placement-released" : "hold-confirmed";
                break;
            default:
                record["hash"] = new string('0', 64);
                break;
        }

        return record.ToJsonString();
    }

    private static string WithBody(string line, Random random)
    {
        var record = JsonNode.Parse(line)!.AsObject();
        var body = Convert.FromBase64String((string)record["body"]!);
        body[random.Next(0, body.Length)] ^= (byte)(1 << random.Next(0, 8));
        record["body"] = Convert.ToBase64String(body);
        return record.ToJsonString();
    }

    private static string Swapped(string line, string next)
    {
        var record = JsonNode.Parse(line)!.AsObject();
        record["body"] = (string)JsonNode.Parse(next)!["body"]!;
        return record.ToJsonString();
    }

    private static string Joined(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
