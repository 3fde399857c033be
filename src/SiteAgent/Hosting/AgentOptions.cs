using ControlPlane.Files;

namespace ControlPlane.SiteAgent.Hosting;

/// <summary>Holds what the operator wants of one agent process.</summary>
internal sealed record AgentOptions
{
    /// <summary>Where the control plane listens; null when it is read from <see cref="UrlFile"/>.</summary>
    public Uri? Server { get; init; }

    /// <summary>File in which a server on this machine says where it listens; waited for.</summary>
    public string? UrlFile { get; init; }

    /// <summary>The site; null for every declared one, all simulated.</summary>
    public SiteId? Site { get; init; }

    /// <summary>The cluster of the site that this agent drives; null for all of them.</summary>
    public ClusterId? Cluster { get; init; }

    /// <summary>File with the token by which the agent joins the first time.</summary>
    public string? JoinTokenFile { get; init; }

    /// <summary>Folder for what outlives the process; each site has one below it.</summary>
    public required string StateFolder { get; init; }

    /// <summary>kubernetes, slurm or simulated.</summary>
    public required string Driver { get; init; }

    /// <summary>Root of the declared files; only for simulated sites.</summary>
    public string? DeclaredRoot { get; init; }

    /// <summary>Folder in which a file named for a simulated site says what is wrong with it.</summary>
    public string? FaultsFolder { get; init; }

    /// <summary>Process whose end ends the agent; null for none.</summary>
    public int? Parent { get; init; }

    /// <summary>API of the scheduler; null for that of the cluster the agent runs in.</summary>
    public Uri? SchedulerUrl { get; init; }

    /// <summary>Certificates that the scheduler's is signed by; null for those of the machine.</summary>
    public string? SchedulerCaFile { get; init; }

    /// <summary>File with the token that the scheduler asks for; read anew for each request.</summary>
    public string? SchedulerTokenFile { get; init; }

    /// <summary>User in whose name Slurm runs jobs.</summary>
    public string? SchedulerUser { get; init; }

    /// <summary>Other sites with an address of each that answers when the site is well.</summary>
    public Seq<KeyValuePair<SiteId, Uri>> Peers { get; init; } = [];

    /// <summary>Folder that the agent shares with the nodes of a Slurm cluster.</summary>
    public string? SharedFolder { get; init; }

    /// <summary>Certificates that the control plane's is signed by; null for those of the machine.</summary>
    public string? ServerCaFile { get; init; }

    public bool HelpAsked { get; init; }

    public static string Usage =>
        $"Usage: ControlPlane.SiteAgent {string.Join(' ', Names.Select(name => $"[{name} VALUE]"))} [--help]\n"
        + "Each option may be given by its variable instead: --join-token-file is CPLANE_JOIN_TOKEN_FILE.";

    private static IReadOnlyList<string> Names { get; } =
    [
        "--url", "--url-file", "--ca-file", "--site", "--cluster", "--join-token-file", "--state", "--driver",
        "--regions", "--faults", "--parent", "--scheduler-url", "--scheduler-ca-file", "--scheduler-token-file",
        "--scheduler-user", "--shared", "--peers",
    ];

    /// <summary>Reads the arguments; the environment fills in what they leave open.</summary>
    public static Checked<AgentOptions> Parse(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        var problems = new List<Problem>();
        var given = Split(arguments, problems);
        string? Value(string name) =>
            given.GetValueOrDefault(name) is { Length: > 0 } value ? value
            : environment(VariableOf(name)) is { Length: > 0 } variable ? variable
            : null;
        var options = new AgentOptions
        {
            Server = UrlOf("--url", Value("--url"), problems),
            UrlFile = Value("--url-file"),
            ServerCaFile = Value("--ca-file"),
            Site = Value("--site") is { } site ? new SiteId(site) : null,
            Cluster = Value("--cluster") is { } cluster ? new ClusterId(cluster) : null,
            JoinTokenFile = Value("--join-token-file"),
            StateFolder = Value("--state") ?? DefaultState(environment),
            Driver = Value("--driver") ?? "kubernetes",
            DeclaredRoot = Value("--regions"),
            FaultsFolder = Value("--faults"),
            Parent = int.TryParse(Value("--parent"), out var parent) ? parent : null,
            SchedulerUrl = UrlOf("--scheduler-url", Value("--scheduler-url"), problems),
            SchedulerCaFile = Value("--scheduler-ca-file"),
            SchedulerTokenFile = Value("--scheduler-token-file"),
            SchedulerUser = Value("--scheduler-user"),
            SharedFolder = Value("--shared"),
            Peers = PeersOf(Value("--peers"), problems),
            HelpAsked = arguments.Contains("--help"),
        };
        if (!options.HelpAsked) problems.AddRange(Missing(options));
        return problems.Count == 0
            ? Checked<AgentOptions>.Valid(options)
            : Checked<AgentOptions>.Invalid(problems);
    }

    private static IEnumerable<Problem> Missing(AgentOptions options)
    {
        if (options.Server is null && options.UrlFile is null)
            yield return new("field-missing", "--url", "is needed: where the control plane listens");
        if (options.Driver is not ("kubernetes" or "slurm" or "simulated"))
            yield return new("value-unknown", "--driver", $"{options.Driver} is none of kubernetes, slurm, simulated");
        if (options.Driver == "simulated" && options.DeclaredRoot is null)
            yield return new("field-missing", "--regions", "is needed: the checkout whose sites are simulated");
        if (options.Driver == "simulated" && options.Peers.Count > 0)
            yield return new("value-unknown", "--peers", "is for real sites; simulated ones try each other anyway");
        else if (options.Site is { } own && options.Peers.Any(peer => peer.Key == own))
            yield return new("value-unknown", "--peers", $"names {own} itself: what counts is what others reach");
        if (options.Driver != "simulated" && options.Site is null)
            yield return new("field-missing", "--site", "is needed: the site that this agent serves");
        if (options.Driver == "slurm" && options.SchedulerUrl is null)
            yield return new("field-missing", "--scheduler-url", "is needed: where slurmrestd listens");
        if (options.Driver == "slurm" && options.SchedulerUser is null)
            yield return new("field-missing", "--scheduler-user", "is needed: in whose name Slurm runs jobs");
        if (options.Driver == "slurm" && options.SchedulerTokenFile is null)
            yield return new("field-missing", "--scheduler-token-file", "is needed: the token of that user");
    }

    // A token has no place on a command line, which every user of the machine can read; there is no option for one.
    private static Dictionary<string, string> Split(IReadOnlyList<string> arguments, List<Problem> problems)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var index = 0; index < arguments.Count; index++)
        {
            if (arguments[index] == "--help") continue;
            if (!Names.Contains(arguments[index]))
                problems.Add(new("unknown-field", arguments[index], "is no option"));
            else if (index + 1 == arguments.Count)
                problems.Add(new("field-missing", arguments[index], "needs a value"));
            else given[arguments[index]] = arguments[++index];
        }

        return given;
    }

    // SITE=URL, with commas between several.
    private static Seq<KeyValuePair<SiteId, Uri>> PeersOf(string? text, List<Problem> problems)
    {
        var peers = new List<KeyValuePair<SiteId, Uri>>();
        foreach (var item in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = item.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) problems.Add(new("value-unknown", "--peers", $"must be SITE=URL,SITE=URL, has {item}"));
            else if (peers.Exists(known => known.Key.Value == item[..at].Trim()))
                problems.Add(new("duplicate-id", "--peers", $"names {item[..at].Trim()} twice"));
            // As it is written: it is one address that is asked for, nothing below it.
            else if (HttpUrlOf("--peers", item[(at + 1)..].Trim(), problems) is { } url)
                peers.Add(new(new SiteId(item[..at].Trim()), url));
        }

        return peers.ToSeq();
    }

    // An address that others are below.
    private static Uri? UrlOf(string name, string? text, List<Problem> problems) =>
        text is null ? null : HttpUrlOf(name, text.TrimEnd('/') + "/", problems);

    private static Uri? HttpUrlOf(string name, string text, List<Problem> problems)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return url;
        problems.Add(new("value-unknown", name, $"must be an http or https address, is {text}"));
        return null;
    }

    private static string VariableOf(string name) => "CPLANE_" + name[2..].Replace('-', '_').ToUpperInvariant();

    private static string DefaultState(Func<string, string?> environment)
    {
        var home = environment("HOME") is { Length: > 0 } given ? given : "/var/lib";
        var state = environment("XDG_STATE_HOME") is { Length: > 0 } named ? named : $"{home}/.local/state";
        return Path.Combine(state, "control-plane-agent");
    }
}
