using System.CommandLine;
using System.CommandLine.Parsing;
using ControlPlane.Files;

namespace ControlPlane.Cli.Terminal;

/// <summary>
/// Says in a sentence each what is wrong with a command line, with the name that was most likely meant.
/// </summary>
internal static class UsageErrors
{
    public static Seq<string> Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var sentences = new List<string>();
        var afterOption = false;
        foreach (var token in parsed.UnmatchedTokens)
        {
            var isOption = token.StartsWith('-') && token.Length > 1;
            // What follows an unknown option is most likely its value and not another mistake.
            if (isOption) sentences.Add(UnknownOption(token, parsed.CommandResult));
            else if (!afterOption) sentences.Add(UnknownWord(token, command));
            afterOption = isOption && !token.Contains('=');
        }

        var others = parsed.Errors.Where(
            error => error.SymbolResult is not CommandResult || !IsAboutTokens(error.Message));
        sentences.AddRange(others.Select(error => Sentence(error.Message)));
        if (sentences.Count == 0) sentences.Add(MissingCommand(command));
        return sentences.ToSeq();
    }

    // These two are told above in words of our own.
    private static bool IsAboutTokens(string message) =>
        message.StartsWith("Unrecognized command or argument", StringComparison.Ordinal)
        || message.StartsWith("Required command was not provided", StringComparison.Ordinal);

    private static string UnknownOption(string token, CommandResult result)
    {
        var given = token.Split('=')[0];
        var known = OptionNames(result).ToList();
        var hint = NearestName.Of(given.TrimStart('-'), known.Select(name => name.TrimStart('-'))) is { } nearest
            ? $"; did you mean '{known.First(name => name.TrimStart('-') == nearest)}'?"
            : "";
        return $"unknown option '{given}'{hint}";
    }

    private static IEnumerable<string> OptionNames(CommandResult result)
    {
        foreach (var option in result.Command.Options) yield return option.Name;
        for (var parent = result.Parent as CommandResult; parent is not null; parent = parent.Parent as CommandResult)
        {
            foreach (var option in parent.Command.Options.Where(option => option.Recursive)) yield return option.Name;
        }
    }

    private static string UnknownWord(string token, Command command)
    {
        if (command.Subcommands.Count == 0) return $"unexpected argument '{token}'";
        return $"unknown command '{token}'{NearestName.Hint(token, command.Subcommands.Select(sub => sub.Name))}";
    }

    private static string MissingCommand(Command command) =>
        $"'{command.Name}' needs a command: {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}";

    private static string Sentence(string message)
    {
        var text = string.Join(
            ' ', message.Split(['\n', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        return text.Length == 0 ? text : char.ToLowerInvariant(text[0]) + text[1..];
    }
}
