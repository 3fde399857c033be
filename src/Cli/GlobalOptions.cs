using System.CommandLine;
using System.CommandLine.Parsing;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;

namespace ControlPlane.Cli;

/// <summary>The options that every command has, and how a command is run with them.</summary>
internal sealed class GlobalOptions
{
    private static readonly Seq<string> FormatNames = Enum.GetNames<OutputFormat>()
        .Select(name => name.ToLowerInvariant())
        .ToSeq();

    private readonly Option<string?> url = new("--url")
    {
        Description = $"Server to ask; else CPLANE_URL, else {ServerAddress.Default}",
        HelpName = "URL",
        Recursive = true,
    };

    private readonly Option<OutputFormat> format = new("--format", "-o")
    {
        Description = $"Form of the output: {string.Join(", ", FormatNames)}",
        HelpName = string.Join('|', FormatNames),
        Recursive = true,
        CustomParser = ParseFormat,
    };

    private readonly Option<bool> noColor = new("--no-color")
    {
        Description = "Never use colour; NO_COLOR does the same",
        Recursive = true,
    };

    private readonly Option<bool> debug = new("--debug")
    {
        Description = "Show where in the program a failure arose",
        Recursive = true,
    };

    public void AddTo(RootCommand root)
    {
        format.CompletionSources.Add(_ => FormatNames);
        root.Add(url);
        root.Add(format);
        root.Add(noColor);
        root.Add(debug);
    }

    /// <summary>Makes a command do its work; the work gives the exit code.</summary>
    public void Let(Command command, Func<CommandRun, CancellationToken, Task<int>> work) => Let(command, [], work);

    /// <summary>Makes a command that can report in further forms do its work.</summary>
    public void Let(Command command, Seq<OutputFormat> reports, Func<CommandRun, CancellationToken, Task<int>> work) =>
        command.SetAction(async (parsed, cancellation) =>
        {
            var asked = parsed.GetValue(format);
            if (asked > OutputFormat.Name && !reports.Contains(asked))
                throw CommandFailure.Usage($"'{command.Name}' cannot be printed as {FormatNames[(int)asked]}");
            using var run = new CommandRun(parsed)
            {
                Screen = new Screen(parsed.GetValue(noColor)),
                Format = parsed.GetValue(format),
                Url = parsed.GetValue(url),
            };
            return await work(run, cancellation);
        });

    private static OutputFormat ParseFormat(ArgumentResult result)
    {
        var given = result.Tokens[0].Value;
        var index = FormatNames.ToList().IndexOf(given);
        if (index >= 0) return (OutputFormat)index;
        var known = string.Join(", ", FormatNames);
        result.AddError($"unknown format '{given}'; must be one of {known}{NearestName.Hint(given, FormatNames)}");
        return default;
    }
}

/// <summary>One run of a command: what was asked for, where output goes, and the server.</summary>
internal sealed class CommandRun(ParseResult parsed) : IDisposable
{
    private ServerClient? server;

    public required Screen Screen { get; init; }

    public required OutputFormat Format { get; init; }

    public required string? Url { get; init; }

    /// <summary>The server; commands that never ask for it need none.</summary>
    public ServerClient Server => server ??= new ServerClient(ServerAddress.From(Url));

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    public void Dispose()
    {
        server?.Dispose();
        Screen.Dispose();
    }
}
