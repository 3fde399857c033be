using System.Globalization;
using System.Net;
using ControlPlane.Failover;
using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Server.Cells;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Hosting;

/// <summary>Holds what the operator wants of one server process.</summary>
internal sealed record ServerOptions
{
    public const int DefaultPort = 8420;
    public const int DefaultTenantConcurrency = 1_000;

    /// <summary>Address to listen on; beyond loopback it takes issuers and TLS.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>Port to listen on; 0 takes a free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Absolute path of the directory that holds everything this server keeps.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Connection string of the database; null for a private PostgreSQL in the data directory.</summary>
    public string? Database { get; init; }

    /// <summary>Directory of region files, watched while the server runs.</summary>
    public required string RegionsDirectory { get; init; }

    /// <summary>Directory of policy files, watched while the server runs.</summary>
    public required string PoliciesDirectory { get; init; }

    /// <summary>File that says whose tokens count; null on one machine, where the server issues its own.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>Certificate and key, or null to speak in clear.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Keys whose holders approve policies; none when policies need no approval.</summary>
    public PolicyKeys PolicyKeys { get; init; } = PolicyKeys.None;

    /// <summary>Directory, best on another machine, that signed heads of the ledger are written to.</summary>
    public string? AuditHeads { get; init; }

    /// <summary>How long the content of records is kept; null for ever.</summary>
    public RetentionTerms? Retention { get; init; }

    /// <summary>Decisions that one tenant may ask for in a second; null for as many as it likes.</summary>
    public int? TenantRate { get; init; }

    /// <summary>Which cell it is, and which directory it tells its numbers.</summary>
    public CellOptions Cells { get; init; } = CellOptions.None;

    /// <summary>
    /// File that names the cells of a directory, to be one in place of serving decisions; null is none.
    /// </summary>
    public string? ServeDirectory { get; init; }

    /// <summary>Requests of one tenant that may be under way at a time.</summary>
    public int TenantConcurrency { get; init; } = DefaultTenantConcurrency;

    /// <summary>How long is waited before a site is suspected, lost and trusted again.</summary>
    public LossTerms Loss { get; init; } = new();

    /// <summary>Least severe log line that is written.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Where other servers on the same database reach this one; null where it listens.</summary>
    public Uri? Advertise { get; init; }

    /// <summary>
    /// What to do once with the tables that follow from the ledger, in place of serving; null serves.
    /// </summary>
    public ProjectionWork? Projections { get; init; }

    /// <summary>True when only the usage text is wanted.</summary>
    public bool HelpAsked { get; init; }

    private static readonly string[] Names =
    [
        "--port", "--data", "--database", "--regions", "--policies", "--tenant-rate", "--log-level", "--projections",
        "--advertise", "--listen", "--identity", "--tls-certificate", "--tls-key", "--client-ca", "--trust-domain",
        "--policy-keys",
        "--lease", "--hold-down", "--failback-after", "--tenant-concurrency",
        "--audit-heads", .. RetentionTerms.Names, .. CellOptions.Names,
    ];

    /// <summary>The options in one line; ./run says what each is for.</summary>
    public static string Usage { get; } =
        $"Usage: ControlPlane.Server {string.Join(' ', Names.Select(name => $"[{name} VALUE]"))} [--help]";

    /// <summary>Reads the arguments; the environment fills in what they leave open.</summary>
    public static Checked<ServerOptions> Parse(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        var problems = new List<Problem>();
        var given = Split(arguments, problems, out var helpAsked);
        string? Value(string name) => given.GetValueOrDefault(name);

        var options = new ServerOptions
        {
            Port = ParsePort(Value("--port"), problems),
            DataDirectory = Path.GetFullPath(Value("--data") ?? DefaultDataDirectory(environment)),
            Database = Value("--database") ?? NullWhenEmpty(environment("CPLANE_DATABASE")),
            RegionsDirectory = Path.GetFullPath(Value("--regions") ?? "regions"),
            PoliciesDirectory = Path.GetFullPath(Value("--policies") ?? "policies"),
            PolicyKeys = ParsePolicyKeys(Value("--policy-keys"), problems),
            TenantRate = ParseTenantRate(Value("--tenant-rate"), problems),
            TenantConcurrency = ParseConcurrency(Value("--tenant-concurrency"), problems),
            LogLevel = ParseLogLevel(Value("--log-level"), problems),
            Projections = ParseProjections(Value("--projections"), problems),
            Advertise = ParseAdvertise(Value("--advertise"), problems),
            HelpAsked = helpAsked,
            Listen = ParseListen(Value("--listen"), problems),
            AuditHeads = Value("--audit-heads") is { } heads ? Path.GetFullPath(heads) : null,
            IdentityFile = Value("--identity") is { } file ? Path.GetFullPath(file) : null,
            Tls = TlsFiles.Parse(Value, problems),
            Loss = ParseLoss(Value, problems),
            Retention = RetentionTerms.Parse(Value, problems),
            Cells = CellOptions.Parse(Value, problems),
            ServeDirectory = Value("--serve-directory") is { } cells ? Path.GetFullPath(cells) : null,
        };
        problems.AddRange(ExposureCheck.Find(options));
        return problems.Count == 0 || helpAsked
            ? Checked<ServerOptions>.Valid(options)
            : Checked<ServerOptions>.Invalid(problems);
    }

    private static Dictionary<string, string> Split(
        IReadOnlyList<string> arguments, List<Problem> problems, out bool helpAsked)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        helpAsked = false;
        for (var at = 0; at < arguments.Count; at++)
        {
            var equals = arguments[at].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? arguments[at] : arguments[at][..equals];
            if (name is "--help" or "-h")
            {
                helpAsked = true;
                continue;
            }
            if (!Names.Contains(name, StringComparer.Ordinal))
            {
                problems.Add(new Problem("usage", name, $"is no option; known are {string.Join(", ", Names)}"));
                continue;
            }
            var value = equals >= 0 ? arguments[at][(equals + 1)..]
                : at + 1 < arguments.Count ? arguments[++at]
                : "";
            if (value.Length == 0) problems.Add(new Problem("usage", name, "needs a value"));
            else if (!given.TryAdd(name, value)) problems.Add(new Problem("usage", name, "is given twice"));
        }
        return given;
    }

    private static IPAddress ParseListen(string? text, List<Problem> problems)
    {
        if (text is null) return IPAddress.Loopback;
        if (IPAddress.TryParse(text, out var address)) return address;
        problems.Add(new Problem("usage", "--listen", $"must be an address such as 0.0.0.0 or ::, is '{text}'"));
        return IPAddress.Loopback;
    }

    private static int ParsePort(string? text, List<Problem> problems)
    {
        if (text is null) return DefaultPort;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535)
            return port;
        problems.Add(new Problem("usage", "--port", $"must be 0 to 65535, is '{text}'"));
        return DefaultPort;
    }

    private static PolicyKeys ParsePolicyKeys(string? path, List<Problem> problems)
    {
        if (path is null) return PolicyKeys.None;
        if (!File.Exists(path))
        {
            problems.Add(new Problem("usage", "--policy-keys", $"must be a file of public keys; '{path}' is none"));
            return PolicyKeys.None;
        }

        var read = PolicyKeys.Parse(File.ReadAllText(path));
        problems.AddRange(read.Problems.Select(problem => new Problem("usage", "--policy-keys", problem.Message)));
        return read.IsValid ? read.Value : PolicyKeys.None;
    }

    private static int? ParseTenantRate(string? text, List<Problem> problems)
    {
        if (text is null) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rate)
            && rate is >= 1 and <= 1_000_000) return rate;
        problems.Add(new Problem("usage", "--tenant-rate", $"must be 1 to 1000000 decisions per second, is '{text}'"));
        return null;
    }

    private static int ParseConcurrency(string? text, List<Problem> problems)
    {
        if (text is null) return DefaultTenantConcurrency;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var most)
            && most is >= 1 and <= EdgeLimits.Connections) return most;
        problems.Add(new Problem(
            "usage", "--tenant-concurrency", $"must be 1 to {EdgeLimits.Connections} requests, is '{text}'"));
        return DefaultTenantConcurrency;
    }

    private static LogLevel ParseLogLevel(string? text, List<Problem> problems)
    {
        switch (text)
        {
            case null or "information": return LogLevel.Information;
            case "debug": return LogLevel.Debug;
            case "warning": return LogLevel.Warning;
            case "error": return LogLevel.Error;
            default:
                problems.Add(new Problem(
                    "usage", "--log-level", $"must be debug, information, warning or error, is '{text}'"));
                return LogLevel.Information;
        }
    }

    private static LossTerms ParseLoss(Func<string, string?> value, List<Problem> problems)
    {
        var terms = new LossTerms();
        var failbackAfter = Seconds("--failback-after", terms.FailbackAfter, 1);
        return terms with
        {
            Lease = Seconds("--lease", terms.Lease, 2),
            HoldDown = Seconds("--hold-down", terms.HoldDown, 1),
            FailbackAfter = failbackAfter,
            // Whoever wants work home soon does not want to wait for the next look.
            PlanAgain = failbackAfter < terms.PlanAgain ? failbackAfter : terms.PlanAgain,
        };

        TimeSpan Seconds(string name, TimeSpan otherwise, int least)
        {
            const int Most = 86_400;
            if (value(name) is not { } text) return otherwise;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && seconds >= least && seconds <= Most) return TimeSpan.FromSeconds(seconds);
            problems.Add(new Problem("usage", name, $"must be {least} to {Most} seconds, is '{text}'"));
            return otherwise;
        }
    }

    private static ProjectionWork? ParseProjections(string? text, List<Problem> problems)
    {
        switch (text)
        {
            case null: return null;
            case "verify": return ProjectionWork.Verify;
            case "rebuild": return ProjectionWork.Rebuild;
            default:
                problems.Add(new Problem("usage", "--projections", $"must be verify or rebuild, is '{text}'"));
                return null;
        }
    }

    private static Uri? ParseAdvertise(string? text, List<Problem> problems)
    {
        if (text is null) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https"
            && url.PathAndQuery == "/")
            return url;
        problems.Add(new Problem("usage", "--advertise", $"must be like http://host:8420, is '{text}'"));
        return null;
    }

    /// <summary>Where data is kept unless --data says otherwise.</summary>
    public static string DefaultDataDirectory(Func<string, string?> environment)
    {
        var state = NullWhenEmpty(environment("XDG_STATE_HOME"));
        if (state is not null && Path.IsPathRooted(state)) return Path.Combine(state, "control-plane");
        var home = NullWhenEmpty(environment("HOME"));
        return home is null
            ? "/var/lib/control-plane"
            : Path.Combine(home, ".local", "state", "control-plane");
    }

    private static string? NullWhenEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>What can be done with the tables that follow from the ledger.</summary>
internal enum ProjectionWork
{
    /// <summary>Compares them with what the ledger gives.</summary>
    Verify,

    /// <summary>Writes them anew from the ledger.</summary>
    Rebuild,
}
