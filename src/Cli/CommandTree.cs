using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using ControlPlane.Cli.Capacity;
using ControlPlane.Cli.Cells;
using ControlPlane.Cli.Failover;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Identity;
using ControlPlane.Cli.Ledger;
using ControlPlane.Cli.Placements;
using ControlPlane.Cli.Policies;
using ControlPlane.Cli.Regions;
using ControlPlane.Cli.Stacks;
using ControlPlane.Cli.Terminal;
using ControlPlane.Ledger;

namespace ControlPlane.Cli;

/// <summary>All commands, in the order of the help text.</summary>
internal static class CommandTree
{
    public const string ProgramName = "cplane";

    public static RootCommand Build()
    {
        var root = new RootCommand("Asks the control plane where workloads may lawfully run, and checks what it says.");
        root.Options.Clear();
        root.Directives.Clear();
        root.Directives.Add(new SuggestDirective());
        root.Options.Add(
            new HelpOption("--help", "-h") { Action = new HelpWithExitCodes(), Description = "Show this help" });
        root.Options.Add(
            new VersionOption("--version") { Action = new VersionAction(), Description = "Show the version" });

        var global = new GlobalOptions();
        global.AddTo(root);
        root.Add(PlaceCommand.Build(global));
        root.Add(PlacementCommands.Build(global));
        root.Add(HoldCommands.Build(global));
        foreach (var catalogue in FleetCommands.Build(global)) root.Add(catalogue);
        root.Add(NodeCommands.Build(global));
        root.Add(MoveCommands.Build(global));
        root.Add(MoveCommands.Evacuate(global));
        root.Add(MoveCommands.Explain(global));
        root.Add(DecisionCommands.Build(global));
        root.Add(ReportCommands.Build(global));
        root.Add(SurviveCommand.Build(global));
        root.Add(DefragCommand.Build(global));
        root.Add(DrillCommands.Build(global));
        root.Add(DataCommands.Build(global));
        root.Add(WhatIfCommand.Build(global));
        root.Add(ForecastCommand.Build(global));
        root.Add(UsageCommands.Build(global));
        root.Add(ReserveCommands.Build(global));
        root.Add(CellCommands.Build(global));
        root.Add(LedgerCommands.Build(global));
        root.Add(AuditCommands.Build(global));
        root.Add(AgentCommands.Build(global));
        root.Add(DoctorCommand.Build(global));
        root.Add(CheckCommand.Build(global));
        root.Add(PolicyCommands.Build(global));
        root.Add(ExplainCommand.Build(global));
        root.Add(StackCommands.Build(global));
        root.Add(ImportCommand.Build(global));
        root.Add(CompletionCommand.Build(global));
        root.Add(Version(global));
        return root;
    }

    private static Command Version(GlobalOptions global)
    {
        var command = new Command("version", "Show the version of the program and of the decision engine");
        global.Let(command, (run, _) =>
        {
            run.Screen.Line($"{ProgramName} {ProgramVersion.Text}");
            run.Screen.Line($"decision engine {Replay.EngineVersion}");
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            Console.Out.WriteLine($"{ProgramName} {ProgramVersion.Text}");
            return ExitCode.Ok;
        }
    }

    private sealed class HelpWithExitCodes : SynchronousCommandLineAction
    {
        private const int NarrowestColumns = 60;
        private const int WidestColumns = 110;

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var columns = Console.IsOutputRedirected ? WidestColumns : Console.WindowWidth;
            new HelpAction { MaxWidth = Math.Clamp(columns, NarrowestColumns, WidestColumns) }.Invoke(parseResult);
            Console.Out.WriteLine(ExitCode.Table);
            return ExitCode.Ok;
        }
    }
}
