using System.CommandLine;
using System.Text;

namespace ControlPlane.Cli.Tests.Terminal;

public sealed class HelpTests
{
    [Fact]
    public async Task The_help_of_every_command_is_as_reviewed()
    {
        var text = new StringBuilder();
        foreach (var path in Paths(CommandTree.Build(), []))
        {
            var ended = await new Cplane().RunAsync([.. path, "--help"]);
            Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
            text.Append("$ cplane ")
                .AppendJoin(' ', [.. path, "--help"])
                .Append('\n')
                .Append(ended.Output)
                .Append('\n');
        }

        Golden.Check("tests/Cli.Tests/golden/help.txt", text.ToString());
    }

    private static IEnumerable<string[]> Paths(Command command, string[] path)
    {
        yield return path;
        foreach (var child in command.Subcommands)
        {
            foreach (var below in Paths(child, [.. path, child.Name])) yield return below;
        }
    }
}
