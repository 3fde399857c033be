using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ControlPlane.Cli.Terminal;
using ControlPlane.Reviews;

namespace ControlPlane.Cli.Policies;

/// <summary>How much a finding matters.</summary>
internal enum FindingLevel
{
    Error,
    Warning,
    Note,
}

/// <summary>One finding at a line of a file.</summary>
/// <param name="Kind">Stable id of the kind of finding.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Message">What was found, in one sentence.</param>
/// <param name="Place">Line it is about.</param>
/// <param name="Identity">What makes it the same finding when lines move.</param>
internal sealed record Finding(string Kind, FindingLevel Level, string Message, FilePlace Place, string Identity);

/// <summary>
/// Writes findings as SARIF 2.1.0. Findings keep their ids when lines move, stand in order of how much they matter,
/// and are capped where readers of the format cap them.
/// </summary>
internal static class SarifText
{
    /// <summary>Findings of one run that readers accept.</summary>
    public const int MostFindings = 25_000;

    private const string Schema = "https://json.schemastore.org/sarif-2.1.0.json";

    /// <param name="kinds">Every kind that may occur, with what it means.</param>
    /// <param name="findings">In any order.</param>
    public static string Of(IReadOnlyList<(string Kind, string Meaning)> kinds, IEnumerable<Finding> findings)
    {
        var order = kinds.Select((kind, index) => (kind.Kind, index))
            .ToDictionary(item => item.Kind, item => item.index, StringComparer.Ordinal);
        var all = findings.OrderBy(finding => finding.Level)
            .ThenBy(finding => order[finding.Kind])
            .ThenBy(finding => finding.Place.File, StringComparer.Ordinal)
            .ThenBy(finding => finding.Place.Line)
            .ThenBy(finding => finding.Identity, StringComparer.Ordinal)
            .ToList();
        return DataText.Json(JsonSerializer.SerializeToElement(new Dictionary<string, object>
        {
            ["$schema"] = Schema,
            ["version"] = "2.1.0",
            ["runs"] = new[] { Run(kinds, order, all) },
        }));
    }

    private static object Run(IReadOnlyList<(string Kind, string Meaning)> kinds, Dictionary<string, int> order,
        List<Finding> all) => new
    {
        tool = new
        {
            driver = new
            {
                name = CommandTree.ProgramName,
                version = ProgramVersion.Text,
                rules = kinds.Select(kind => new { id = kind.Kind, shortDescription = new { text = kind.Meaning } }),
            },
        },
        columnKind = "utf16CodeUnits",
        properties = new { findings = all.Count, left = Math.Max(0, all.Count - MostFindings) },
        results = all.Take(MostFindings).Select(finding => new
        {
            ruleId = finding.Kind,
            ruleIndex = order[finding.Kind],
            level = finding.Level.ToString().ToLowerInvariant(),
            message = new { text = finding.Message },
            locations = new[]
            {
                new
                {
                    physicalLocation = new
                    {
                        artifactLocation = new { uri = Uri(finding.Place.File) },
                        region = new { startLine = Math.Max(1, finding.Place.Line) },
                    },
                },
            },
            partialFingerprints = new Dictionary<string, string> { ["cplane/v1"] = Fingerprint(finding) },
        }),
    };

    private static string Uri(string path) => string.Join('/', path.Split('/').Select(System.Uri.EscapeDataString));

    private static string Fingerprint(Finding finding) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{finding.Kind}\n{finding.Place.File}\n{finding.Identity}"))))[..32];
}
