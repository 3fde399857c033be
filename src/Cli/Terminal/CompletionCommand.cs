using System.CommandLine;

namespace ControlPlane.Cli.Terminal;

/// <summary>Prints the script that makes a shell complete commands; the program itself knows the words.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # cplane completion for bash; load it with: source <(cplane completion bash)
        _cplane() {
            local line="${COMP_LINE#* }"
            local point=$((COMP_POINT - ${#COMP_LINE} + ${#line}))
            local IFS=$'\n'
            local words
            words="$("${COMP_WORDS[0]}" "[suggest:${point}]" "${line}" 2>/dev/null)"
            COMPREPLY=($(compgen -W "${words}" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _cplane cplane
        """;

    private const string Zsh = """
        #compdef cplane
        # cplane completion for zsh; load it with: source <(cplane completion zsh)
        _cplane() {
            local line="${BUFFER#* }"
            local point=$((CURSOR - ${#BUFFER} + ${#line}))
            local -a suggestions
            suggestions=("${(@f)$("${words[1]}" "[suggest:${point}]" "${line}" 2>/dev/null)}")
            compadd -- "${suggestions[@]}" || _files
        }
        compdef _cplane cplane
        """;

    private const string Fish = """
        # cplane completion for fish; load it with: cplane completion fish | source
        function __cplane_complete
            set -l line (commandline -cp | string replace -r '^\S+\s*' '')
            cplane "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c cplane -a '(__cplane_complete)'
        """;

    public static Command Build(GlobalOptions global)
    {
        var command = new Command("completion", "Print a completion script for a shell");
        foreach (var (shell, script) in new[] { ("bash", Bash), ("zsh", Zsh), ("fish", Fish) })
        {
            var sub = new Command(shell, $"Print the script for {shell}");
            global.Let(sub, (run, _) =>
            {
                run.Screen.Out.WriteLine(script);
                return Task.FromResult(ExitCode.Ok);
            });
            command.Add(sub);
        }

        return command;
    }
}
