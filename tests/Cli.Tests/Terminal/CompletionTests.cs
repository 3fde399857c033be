namespace ControlPlane.Cli.Tests.Terminal;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("cplane pla", "place\nplacements\n")]
    [InlineData("cplane ledger ", "export\nhead\nsnapshot\nverify\n")]
    public async Task The_shell_completes_commands(string line, string expected)
    {
        var script = $$"""
            source <(cplane completion bash)
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{line}}) COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
            if [[ '{{line}}' == *' ' ]]; then COMP_WORDS+=(''); COMP_CWORD=$(( COMP_CWORD + 1 )); fi
            _cplane
            printf '%s\n' "${COMPREPLY[@]}" | grep -v '^-' | sort
            """;

        var ended = await new Cplane().ShellAsync(script);

        Assert.Equal((0, expected), (ended.ExitCode, ended.Output));
    }

    [Theory]
    [InlineData("zsh", "#compdef cplane")]
    [InlineData("fish", "# cplane completion for fish")]
    public async Task Other_shells_have_scripts_too(string shell, string first)
    {
        var ended = await new Cplane().RunAsync("completion", shell);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.StartsWith(first, ended.Output, StringComparison.Ordinal);
    }
}
