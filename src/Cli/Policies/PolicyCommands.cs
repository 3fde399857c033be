using System.CommandLine;

namespace ControlPlane.Cli.Policies;

/// <summary>What a reviewer of policies asks: do they say what is meant, and what would a change do.</summary>
internal static class PolicyCommands
{
    public static Command Build(GlobalOptions global) =>
        new("policy", "Test policies and see what a change of them would do")
    {
        TestCommand.Build(global),
        JudgeCommand.Build(global),
        DiffCommand.Build(global),
        ActivateCommand.Build(global),
        SetCommands.BuildSets(global),
        SetCommands.BuildFindings(global),
        SignCommand.Build(global),
        UpcomingCommand.Build(global),
    };
}
