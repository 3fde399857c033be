using System.CommandLine;
using System.Globalization;
using System.Text;
using ControlPlane.Cells;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Ledger;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;

namespace ControlPlane.Cli.Cells;

/// <summary>
/// Looks for what is another cell's in the tables and the ledger of this one, and for given words, however they are
/// written, there and in files: logs, exports, backups, a data directory.
/// </summary>
internal static class CellCheck
{
    private const int Window = 1 << 22;

    /// <summary>Lists that name where something is.</summary>
    private static readonly (string Path, string List)[] tables =
    [
        ("v1/regions?page_size=500", "regions"), ("v1/sites?page_size=500", "sites"),
        ("v1/node-pools?page_size=500", "nodePools"), ("v1/placements?page_size=500", "placements"),
        ("v1/reservations?page_size=500", "reservations"),
    ];

    public static Command Build(GlobalOptions global)
    {
        var words = new Option<string?>("--words")
        {
            Description = "File with a word a line that may not be here: names of other cells' tenants, say",
            HelpName = "FILE",
        };
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Files and folders to look for the words in, such as logs and exports",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("check", "Look for what is another cell's in tables, ledger and files")
        {
            words, paths,
        };
        global.Let(command, async (run, cancellation) =>
        {
            var forms = new TextForms(WordsOf(run.Get(words)));
            var cell = await run.Server.GetAsync("v1/cell", cancellation);
            var own = cell.Items("regions").Select(JsonFields.TextOf).ToHashSet(StringComparer.Ordinal);
            var findings = new List<CellFinding>();
            foreach (var table in tables)
                findings.AddRange(await InTableAsync(run.Server, table, (own, forms), cancellation));
            findings.AddRange(InLedger(run.Server, forms, cancellation));
            findings.AddRange((run.Get(paths) ?? []).SelectMany(FilesOf).Select(file => InFile(file, forms)));
            foreach (var finding in findings)
                run.Screen.Line($"{(finding.Wrong is null ? "ok " : "BAD")}  {finding.Place}: "
                    + (finding.Wrong ?? finding.Looked));
            return findings.TrueForAll(finding => finding.Wrong is null) ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static IEnumerable<string> WordsOf(string? file) => file is null
        ? []
        : InputFile.Read(file).Text.ReplaceLineEndings("\n").Split('\n').Where(word => word.Trim().Length > 0);

    private static async Task<List<CellFinding>> InTableAsync(
        ServerClient server, (string Path, string List) table, (HashSet<string> Own, TextForms Forms) by,
        CancellationToken cancellation)
    {
        var (rows, findings) = (0, new List<CellFinding>());
        await foreach (var row in server.ListAsync(table.Path, table.List, cancellation))
        {
            rows++;
            var name = row.Text("id");
            var region = table.List == "regions" ? name : row.Text("region");
            if (region.Length > 0 && !by.Own.Contains(region))
                findings.Add(new(table.List, "", $"{name} is in {region}, which is not this cell's"));
            if (by.Forms.Find(Encoding.UTF8.GetBytes(row.GetRawText())) is { } found)
                findings.Add(new(table.List, "", $"{name} holds '{found.Word}' {found.Form}"));
        }

        return findings.Count > 0 ? findings : [new(table.List, Inv($"{rows} rows, all of this cell"), null)];
    }

    /// <summary>Places are judged by the files that the ledger itself declares.</summary>
    private static List<CellFinding> InLedger(ServerClient server, TextForms forms, CancellationToken cancellation)
    {
        var findings = new List<CellFinding>();
        var files = new Dictionary<string, SourceFile>(StringComparer.Ordinal);
        var used = new Dictionary<NodePoolId, long>();
        var lines = LedgerLines.OfServerAsync(server, cancellation).ToBlockingEnumerable(cancellation);
        var verified = LedgerExport.Verify(lines, record =>
        {
            if (forms.Find(record.Body.Span) is { } found)
                findings.Add(new("ledger", "", Inv($"record {record.Position} holds '{found.Word}' {found.Form}")));
            if (record.Event is FleetDeclared declared)
            {
                foreach (var file in declared.Changed) files[file.Path] = file;
                foreach (var path in declared.Removed) files.Remove(path);
            }

            if (record.Event is PlacementDecided { Decision: Placed placed })
            {
                foreach (var unit in placed.Units) used.TryAdd(unit.Node.Pool, record.Position);
            }
        });
        if (verified is LedgerBroken broken) findings.Add(new("ledger", "", Inv($"line {broken.Line}: {broken.Why}")));
        var fleet = RegionFiles.Parse(files.Values);
        if (fleet.IsValid)
        {
            foreach (var (pool, position) in used.OrderBy(item => item.Value))
            {
                if (fleet.Value.FindPool(pool) is null && fleet.Value.Whole.FindPool(pool) is not null)
                    findings.Add(new("ledger", "", Inv($"record {position} placed work in {pool}, another cell's")));
            }
        }

        return findings.Count > 0 || verified is not LedgerSound sound
            ? findings
            : [new("ledger", Inv($"{sound.Position} records, all of this cell"), null)];
    }

    private static IEnumerable<string> FilesOf(string path)
    {
        if (File.Exists(path)) return [path];
        if (!Directory.Exists(path))
            throw CommandFailure.Input("file-unreadable", $"cannot read {path}: nothing is there");
        return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    }

    private static CellFinding InFile(string path, TextForms forms)
    {
        try
        {
            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var (window, kept) = (new byte[Window], 0);
            while (file.ReadAtLeast(window.AsSpan(kept), Window - kept, throwOnEndOfStream: false) is > 0 and var read)
            {
                var part = window.AsSpan(0, kept + read);
                if (forms.Find(part) is { } found)
                    return new(path, "", $"holds '{found.Word}' {found.Form}");
                kept = Math.Min(forms.Longest, part.Length);
                part[^kept..].CopyTo(window);
            }

            return new(path, Inv($"{file.Position} bytes, none of the words"), null);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw InputFile.Unreadable(path, reason);
        }
    }

    private static string Inv(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>One thing that was looked at: what was looked at when all is well, else what is wrong.</summary>
    private sealed record CellFinding(string Place, string Looked, string? Wrong);
}
