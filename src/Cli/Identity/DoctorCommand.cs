using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Identity;

/// <summary>Goes through the checklist of docs/operations/hardening.md on the machine of a server.</summary>
internal static partial class DoctorCommand
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static readonly TimeSpan oldestHead = TimeSpan.FromHours(1);
    private static readonly TimeSpan answerLimit = TimeSpan.FromSeconds(5);

    public static Command Build(GlobalOptions global)
    {
        var heads = new Option<string?>("--heads")
        {
            Description = "Directory that the server writes signed heads to (--audit-heads)",
            HelpName = "DIR",
        };
        var command = new Command("doctor", "Check how a server on this machine is set up") { heads };
        global.Let(command, async (run, cancellation) =>
        {
            var findings = Files().Append(Arguments()).Append(Heads(run.Get(heads)))
                .Concat(await ServerAsync(ServerAddress.From(run.Url), cancellation)).ToList();
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

    private static Finding Heads(string? directory)
    {
        const string Item = "4 heads";
        if (directory is null) return new Finding(false, Item, "say with --heads where signed heads are written to");
        if (!Directory.Exists(directory)) return new Finding(false, Item, $"{directory} is not there");
        var newest = Directory.EnumerateFiles(directory, "head-*.json").Order(StringComparer.Ordinal).LastOrDefault();
        if (newest is null) return new Finding(false, Item, $"{directory} holds none");
        var age = DateTime.UtcNow - File.GetLastWriteTimeUtc(newest);
        return new Finding(
            age < oldestHead, Item,
            string.Create(CultureInfo.InvariantCulture, $"{newest} is {age.TotalMinutes:0} minutes old"));
    }

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
                    (int)closed.StatusCode == 401, "5 closed",
                    $"without a token {address.Shown} answers {(int)closed.StatusCode}"),
                new Finding(plain, "6 headers", plain ? "answers are data, not pages" : "security headers are missing"),
                new Finding(
                    address.Root.IsLoopback || address.Root.Scheme == Uri.UriSchemeHttps, "7 transport",
                    address.Root.IsLoopback ? "on this machine" : $"over {address.Root.Scheme}"),
            ];
        }
        catch (Exception lost) when (lost is HttpRequestException or TaskCanceledException
            && !cancellation.IsCancellationRequested)
        {
            return [new Finding(false, "5 closed", $"{address.Shown} does not answer: {lost.Message}")];
        }
    }

    [GeneratedRegex("eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.|(?i)password=[^\\s\\0;]+")]
    private static partial Regex Secret();

    private sealed record Finding(bool IsWell, string Item, string Detail);
}
