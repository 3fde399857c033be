using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Identity;

/// <summary>Goes through the checklist of docs/operations/hardening.md on the machine of a server.</summary>
internal static partial class DoctorCommand
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const string Closed = "5 closed";
    private const string Headers = "6 headers";
    private const string Transport = "7 transport";

    private static readonly TimeSpan oldestHead = TimeSpan.FromHours(1);
    private static readonly TimeSpan oldestBackup = TimeSpan.FromHours(25);
    private static readonly TimeSpan answerLimit = TimeSpan.FromSeconds(5);

    public static Command Build(GlobalOptions global)
    {
        var heads = new Option<string?>("--heads")
        {
            Description = "Directory that the server writes signed heads to (--audit-heads)",
            HelpName = "DIR",
        };
        var backups = new Option<string?>("--backups")
        {
            Description = "Directory that backups of the database are written to", HelpName = "DIR",
        };
        var command = new Command("doctor", "Check how a server on this machine is set up") { heads, backups };
        global.Let(command, async (run, cancellation) =>
        {
            var newestHead = Newest(("4 heads", "--heads", run.Get(heads)), "head-*.json", oldestHead);
            var newestBackup = Newest(("8 backups", "--backups", run.Get(backups)), "*", oldestBackup);
            var findings = Files().Append(Arguments()).Append(newestHead)
                .Concat(await ServerAsync(ServerAddress.From(run.Url), cancellation)).Append(newestBackup)
                .Append(await AskedAsync(run, ("9 retention", "v1/audit/retention", Retention), cancellation))
                .Append(await AskedAsync(run, ("10 agents", "v1/agents?page_size=1", Agents), cancellation)).ToList();
            foreach (var finding in findings)
                run.Screen.Line($"{(finding.IsWell ? "ok " : "BAD")}  {finding.Item}: {finding.Detail}");
            return findings.TrueForAll(finding => finding.IsWell) ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static IEnumerable<Finding> Files()
    {
        var identity = Path.Combine(LocalToken.DataDirectory(), "identity");
        foreach (var (item, path) in new[]
        {
            ("1 key", Path.Combine(identity, "server-key.pem")), ("2 tokens", Path.Combine(identity, "tokens")),
        })
        {
            if (!File.Exists(path) && !Directory.Exists(path))
                yield return new Finding(true, item, $"{path} is not there, so nobody reads it");
            else if (OpenTo(path) is not UnixFileMode.None and var open)
                yield return new Finding(false, item, $"{path} is open to others ({open})");
            else yield return new Finding(true, item, $"{path} is its owner's alone");
        }
    }

    /// <summary>Where files have no modes of this kind there is nothing to say about them.</summary>
    private static UnixFileMode OpenTo(string path) =>
        OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path) & Others;

    /// <summary>Command lines can be read by every user of the machine.</summary>
    private static Finding Arguments()
    {
        var telling = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => path[6..].All(char.IsAsciiDigit)))
        {
            try
            {
                var line = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(process, "cmdline")));
                if (Secret().IsMatch(line)) telling.Add(Path.GetFileName(process));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or is hidden from this user, as it should be.
            }
        }

        return telling.Count == 0
            ? new Finding(true, "3 arguments", "no command line holds a token or password")
            : new Finding(false, "3 arguments", $"process {string.Join(", ", telling)} shows a secret");
    }

    /// <summary>Whether the newest file of a directory is as new as it has to be.</summary>
    private static Finding Newest((string Item, string Option, string? Directory) of, string pattern, TimeSpan oldest)
    {
        var (item, option, directory) = of;
        if (directory is null) return new Finding(false, item, $"say with {option} where they are written to");
        if (!Directory.Exists(directory)) return new Finding(false, item, $"{directory} is not there");
        var newest = Directory.EnumerateFiles(directory, pattern)
            .MaxBy(file => (File.GetLastWriteTimeUtc(file), file));
        if (newest is null) return new Finding(false, item, $"{directory} holds none");
        var age = DateTime.UtcNow - File.GetLastWriteTimeUtc(newest);
        return new Finding(
            age < oldest && new FileInfo(newest).Length > 0, item,
            string.Create(CultureInfo.InvariantCulture, $"{newest} is {age.TotalMinutes:0} minutes old"));
    }

    /// <summary>What only somebody with a token is told.</summary>
    private static async Task<Finding> AskedAsync(
        CommandRun run, (string Item, string Path, Func<JsonElement, (bool, string)> Judge) of,
        CancellationToken cancellation)
    {
        try
        {
            var (isWell, detail) = of.Judge(await run.Server.GetAsync(of.Path, cancellation));
            return new Finding(isWell, of.Item, detail);
        }
        catch (CommandFailure unknown)
        {
            return new Finding(false, of.Item, $"cannot be asked: {unknown.Message}");
        }
    }

    private static (bool, string) Retention(JsonElement told)
    {
        if (!told.TryGetProperty("days", out var days)) return (true, "records are kept for ever");
        var (kept, least) = (days.GetInt64(), told.Whole("leastDays"));
        var done = !told.TryGetProperty("last", out var last) || last.GetProperty("done").GetBoolean();
        return (
            kept >= least && done,
            string.Create(CultureInfo.InvariantCulture, $"records are kept whole for {kept} days, {least} at least")
            + (done ? "" : "; letting go of older ones was not finished"));
    }

    private static (bool, string) Agents(JsonElement told) => told.TryGetProperty("stopped", out var stopped)
        ? (false, $"all are stopped since {stopped.Text("at")}: {stopped.Text("because")}")
        : (true, "software agents may act within their grants");

    private static async Task<IReadOnlyList<Finding>> ServerAsync(ServerAddress address, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = address.Root, Timeout = answerLimit };
        try
        {
            using var closed = await http.GetAsync(new Uri("v1/regions", UriKind.Relative), cancellation);
            using var live = await http.GetAsync(new Uri("livez", UriKind.Relative), cancellation);
            var plain = live.Headers.TryGetValues("X-Content-Type-Options", out var values)
                && values.Contains("nosniff") && live.Headers.Contains("Content-Security-Policy");
            return
            [
                new Finding(
                    (int)closed.StatusCode == 401, Closed,
                    $"without a token {address.Shown} answers {(int)closed.StatusCode}"),
                new Finding(plain, Headers, plain ? "answers are data, not pages" : "security headers are missing"),
                new Finding(
                    address.Root.IsLoopback || address.Root.Scheme == Uri.UriSchemeHttps, Transport,
                    address.Root.IsLoopback ? "on this machine" : $"over {address.Root.Scheme}"),
            ];
        }
        catch (Exception lost) when (lost is HttpRequestException or TaskCanceledException
            && !cancellation.IsCancellationRequested)
        {
            return [.. new[] { Closed, Headers, Transport }
                .Select(item => new Finding(false, item, $"{address.Shown} does not answer: {lost.Message}"))];
        }
    }

    [GeneratedRegex("eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.|(?i)password=[^\\s\\0;]+")]
    private static partial Regex Secret();

    private sealed record Finding(bool IsWell, string Item, string Detail);
}
