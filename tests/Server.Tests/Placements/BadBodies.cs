using System.Text;
using System.Text.Json.Nodes;

namespace ControlPlane.Server.Tests.Placements;

/// <summary>Bodies of POST /v1/placements that are wrong in one way, with the problem each must give.</summary>
internal static class BadBodies
{
    /// <summary>A body with nothing wrong.</summary>
    public const string Good =
        """{"tenant":"t1","workload":"w1","kind":"service","dataClass":"public","units":1"""
        + ""","accelerators":{"count":1},"cpuMilli":1000,"memoryMib":1024}""";

    /// <summary>All of them; rows of the same number are variants of one kind of fault.</summary>
    public static IReadOnlyList<BadBody> All { get; } =
    [
        new(1, "empty", "", "body-missing", ""),
        new(1, "only white space", " \r\n\t ", "body-missing", ""),
        new(2, "cut off", """{"tenant":"t1",""", "json-syntax", ""),
        new(2, "trailing comma", """{"tenant":"t1",}""", "json-syntax", ""),
        new(2, "comment", """{/* no */}""", "json-syntax", ""),
        new(2, "two values", Good + Good, "json-syntax", ""),
        new(2, "no JSON at all", "tenant: t1", "json-syntax", ""),
        new(2, "NUL in the grammar", "{\0}", "json-syntax", ""),
        new(4, "unknown member", With("residancy", """["DE"]"""), "unknown-field", "/residancy"),
        new(4, "unknown member of a member", With("accelerators", """{"count":1,"cnt":2}"""),
            "unknown-field", "/accelerators/cnt"),
        new(4, "unknown member with odd name", With("a/b~c", "1"), "unknown-field", "/a~1b~0c"),
        new(5, "member missing", Without("tenant"), "field-required", "/tenant"),
        new(5, "count and share missing", With("accelerators", "{}"), "field-required", "/accelerators/count"),
        new(6, "null", With("tenant", "null"), "field-null", "/tenant"),
        new(6, "null for an optional member", With("homeRegion", "null"), "field-null", "/homeRegion"),
        new(6, "null in a list", With("residency", "[null]"), "field-null", "/residency/0"),
        new(6, "null for all", "null", "field-null", ""),
        new(7, "text for a number", With("units", "\"8\""), "field-type", "/units"),
        new(7, "number for a text", With("workload", "8"), "field-type", "/workload"),
        new(7, "list for an object", With("accelerators", "[]"), "field-type", "/accelerators"),
        new(7, "text for a flag", With("explain", "\"yes\""), "field-type", "/explain"),
        new(7, "a list for all", "[]", "field-type", ""),
        new(8, "fraction", With("units", "1.5"), "field-type", "/units"),
        new(8, "whole with a point", With("units", "8.0"), "field-type", "/units"),
        new(9, "zero", With("accelerators", """{"count":0}"""), "out-of-range", "/accelerators/count"),
        new(9, "negative", With("accelerators", """{"count":-1}"""), "out-of-range", "/accelerators/count"),
        new(9, "share of a whole", With("accelerators", """{"shareMilli":1000}"""),
            "out-of-range", "/accelerators/shareMilli"),
        new(9, "one too many", With("units", "4097"), "out-of-range", "/units"),
        new(10, "huge", With("units", "1e30"), "out-of-range", "/units"),
        new(10, "over 64 bits", With("cpuMilli", "9223372036854775808"), "out-of-range", "/cpuMilli"),
        new(10, "beyond any float", With("memoryMib", "1e999"), "out-of-range", "/memoryMib"),
        new(10, "huge memory", With("accelerators", """{"count":1,"minMemoryGib":1e30}"""),
            "out-of-range", "/accelerators/minMemoryGib"),
        new(10, "too fine", With("accelerators", """{"count":1,"minMemoryGib":0.0001}"""),
            "out-of-range", "/accelerators/minMemoryGib"),
        new(11, "duplicate member", """{"tenant":"t1",""" + Good[1..], "json-duplicate", "/tenant"),
        new(11, "duplicate by escape", """{"\u0074enant":"t1",""" + Good[1..], "json-duplicate", "/tenant"),
        new(12, "200 deep", With("labels", new string('[', 200) + new string(']', 200)), "json-depth", ""),
        new(13, "not UTF-8", Encoding.Latin1.GetBytes(With("workload", "\"é\"")), "encoding", ""),
        new(13, "overlong", [.. "{\""u8, 0xC0, 0xAF, .. "\":1}"u8], "encoding", ""),
        new(13, "byte order mark", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Good)], "encoding", ""),
        new(14, "half a pair", Encoding.UTF8.GetBytes(With("workload", "\"\\ud800\"")), "encoding", ""),
        new(14, "half a pair in a name", """{"\udc00":1}"""u8.ToArray(), "encoding", ""),
        new(15, "NUL in a name", With("tenant", "\"t\\u0000\""), "name-format", "/tenant"),
        new(15, "line end in a name", With("tenant", "\"t1\\n\""), "name-format", "/tenant"),
        new(15, "control character in a label", With("labels", """{"a":"x\u0007"}"""),
            "control-character", "/labels/a"),
        new(16, "bidi override in a name", With("tenant", "\"t\\u202ex\""), "name-format", "/tenant"),
        new(16, "bidi override in a label", With("labels", """{"a":"x\u202e"}"""), "control-character", "/labels/a"),
        new(17, "long name", With("workload", $"\"{new string('a', 300)}\""), "too-long", "/workload"),
        new(17, "long label", With("labels", $$"""{"a":"{{new string('a', 256)}}"}"""), "too-long", "/labels/a"),
        new(17, "long reference", With("homeRegion", $"\"{new string('a', 300)}\""), "too-long", "/homeRegion"),
        new(18, "path for a name", With("workload", "\"../x\""), "name-format", "/workload"),
        new(18, "empty name", With("workload", "\"\""), "name-format", "/workload"),
        new(18, "odd label key", With("labels", """{"a b":"x"}"""), "name-format", "/labels/a b"),
        new(20, "many labels", With("labels", Labels(4000)), "too-many", "/labels"),
        new(20, "one label too many", With("labels", Labels(65)), "too-many", "/labels"),
        new(20, "many jurisdictions", With("residency", $"[{string.Join(",", Enumerable.Repeat("\"DE\"", 65))}]"),
            "too-many", "/residency"),
        new(22, "UK", With("residency", """["UK"]"""), "country-unknown", "/residency/0"),
        new(23, "lower case", With("residency", """["EU","de"]"""), "country-unknown", "/residency/1"),
        new(24, "no jurisdiction", With("residency", "[]"), "residency-empty", "/residency"),
        new(24, "no region", With("regions", """{"allow":[]}"""), "regions-empty", "/regions/allow"),
        new(24, "no sku", With("accelerators", """{"count":1,"skus":[]}"""), "too-few", "/accelerators/skus"),
        new(26, "unknown accelerator", With("accelerators", """{"count":1,"skus":["H1000"]}"""),
            "accelerator-unknown", "/accelerators/skus/0"),
        new(27, "unknown region", With("regions", """{"allow":["de-two"]}"""), "region-unknown", "/regions/allow/0"),
        new(27, "unknown home", With("homeRegion", "\"mars\""), "region-unknown", "/homeRegion"),
        new(27, "unknown law", With("excludeAccessLaws", """["US_CLOUDACT"]"""),
            "access-law-unknown", "/excludeAccessLaws/0"),
        new(27, "unknown region with a copy", With("dataCopies", """["de-two"]"""), "region-unknown", "/dataCopies/0"),
        new(22, "UK as origin", With("dataOrigin", "\"UK\""), "country-unknown", "/dataOrigin"),
        new(23, "lower case home", With("tenantHome", "\"de\""), "country-unknown", "/tenantHome"),
        new(0, "unknown isolation", With("isolation", "\"none\""), "value-unknown", "/isolation"),
        new(5, "artefact without digest", With("artefact", """{"signedBy":"a"}"""),
            "field-required", "/artefact/digest"),
        new(18, "digest of nothing", With("artefact", """{"digest":"latest"}"""), "name-format", "/artefact/digest"),
        new(18, "signed by nobody", With("artefact", Artefact("")), "name-format", "/artefact/signedBy"),
        new(17, "long signer", With("artefact", Artefact(new string('a', 256))), "too-long", "/artefact/signedBy"),
        new(16, "bidi override in a signer", With("artefact", Artefact("x\\u202e")),
            "control-character", "/artefact/signedBy"),
        new(44, "deadline in the past", With("deadline", "\"2020-01-01T00:00:00Z\""), "time-past", "/deadline"),
        new(45, "no zone", With("deadline", "\"2036-01-01T00:00:00\""), "time-format", "/deadline"),
        new(45, "no such day", With("deadline", "\"2036-02-30T00:00:00Z\""), "time-format", "/deadline"),
        new(45, "short offset", With("deadline", "\"2036-01-01T00:00:00+01\""), "time-format", "/deadline"),
        new(45, "only a day", With("deadline", "\"2036-01-01\""), "time-format", "/deadline"),
        new(45, "other digits", With("deadline", "\"２036-01-01T00:00:00Z\""), "time-format", "/deadline"),
        new(0, "unknown kind", With("kind", "\"Service\""), "value-unknown", "/kind"),
        new(0, "whole and share", With("accelerators", """{"count":1,"shareMilli":500}"""),
            "field-conflict", "/accelerators/shareMilli"),
        new(0, "gang that is spread",
            With("kind", "\"gang\"", With("spread", """{"over":"site","minDomains":1,"maxSkew":1}""")),
            "field-conflict", "/spread"),
        new(0, "needs that are no list", With("dependsOn", "{}"), "field-type", "/dependsOn"),
        new(0, "need without a scope", With("dependsOn", """[{"workload":"db"}]"""),
            "field-required", "/dependsOn/0/within"),
        new(0, "need of an unknown scope", With("dependsOn", """[{"workload":"db","within":"rack"}]"""),
            "value-unknown", "/dependsOn/0/within"),
        new(4, "need with another tenant", With("dependsOn", """[{"workload":"db","within":"site","tenant":"t2"}]"""),
            "unknown-field", "/dependsOn/0/tenant"),
        new(0, "need twice",
            With("dependsOn", """[{"workload":"db","within":"site"},{"workload":"db","within":"region"}]"""),
            "field-conflict", "/dependsOn/1/workload"),
        new(0, "more domains than units", With("spread", """{"over":"site","minDomains":2,"maxSkew":1}"""),
            "out-of-range", "/spread/minDomains"),
    ];

    /// <summary>The good body with one member set to a JSON text.</summary>
    public static string With(string member, string json, string body = Good)
    {
        var changed = Without(member, body);
        return $"{changed[..^1]},{JsonValue.Create(member).ToJsonString()}:{json}}}";
    }

    public static string Without(string member, string body = Good)
    {
        var node = JsonNode.Parse(body)!.AsObject();
        node.Remove(member);
        return node.ToJsonString();
    }

    private static string Artefact(string signer) =>
        $$"""{"digest":"sha256:{{new string('0', 64)}}","signedBy":"{{signer}}"}""";

    private static string Labels(int count) =>
        $"{{{string.Join(",", Enumerable.Range(0, count).Select(index => $"\"l{index}\":\"\""))}}}";
}

/// <summary>A body, the row of the list of bad inputs it stands for, and its problem.</summary>
internal sealed record BadBody(int Row, string Name, string Text, string Slug, string Pointer)
{
    public BadBody(int row, string name, byte[] bytes, string slug, string pointer)
        : this(row, name, "", slug, pointer) => Bytes = bytes;

    /// <summary>The body when it is no text.</summary>
    public byte[]? Bytes { get; }

    public byte[] ToBytes() => Bytes ?? Encoding.UTF8.GetBytes(Text);
}
