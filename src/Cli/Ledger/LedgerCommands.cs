using System.CommandLine;
using System.Text;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Ledger;

/// <summary>Shows the head of the ledger, copies it whole, and verifies a copy.</summary>
internal static class LedgerCommands
{
    public static readonly Listing Heads = new("ledger", "v1/ledger/head", "position",
    [
        Column.Number("position", "position"),
        Column.Of("at", "at"),
        Column.Of("hash", "hash"),
    ]);

    private const int ProgressEvery = 10_000;

    public static Command Build(GlobalOptions global) =>
        new("ledger", "Show, copy and verify the ledger of all decisions")
        {
            Head(global),
            Export(global),
            Snapshot(global),
            VerifyCommand.Build(global),
        };

    private static Command Head(GlobalOptions global)
    {
        var command = new Command(
            "head", "Show position and hash of the newest record; keep them elsewhere to notice a cut");
        global.Let(command, async (run, cancellation) =>
        {
            var head = await run.Server.GetAsync(Heads.Path, cancellation);
            if (run.Format is OutputFormat.Table or OutputFormat.Wide) Heads.Print(run.Screen, run.Format, [head]);
            else Heads.PrintOne(run.Screen, run.Format, head);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Export(GlobalOptions global)
    {
        var output = new Option<string?>("--output")
        {
            Description = "File to write; standard output when left out",
            HelpName = "FILE",
        };
        var command = new Command("export", "Copy the whole ledger, one JSON object a line") { output };
        global.Let(command, async (run, cancellation) =>
        {
            if (run.Get(output) is not { } path)
            {
                await WriteAsync(run.Server, run.Screen.Out, cancellation);
                return ExitCode.Ok;
            }

            await WriteFileAsync(run.Server, path, cancellation);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Snapshot(GlobalOptions global)
    {
        var output = new Option<string>("--output")
        {
            Description = "File to write", HelpName = "FILE", Required = true,
        };
        var file = new Option<string?>("--file")
        {
            Description = "Export to add up, - for standard input; the server's ledger when left out",
            HelpName = "FILE",
        };
        var command = new Command(
            "snapshot", "Write what the ledger adds up to, for 'policy diff' and 'policy upcoming' without a server")
        {
            output, file,
        };
        global.Let(command, (run, cancellation) =>
        {
            var state = SnapshotFile.Fold(run.Get(file) is { } path
                ? LedgerLines.OfFile(path)
                : LedgerLines.OfServerAsync(run.Server, cancellation).ToBlockingEnumerable(cancellation));
            SnapshotFile.Write(run.Get(output)!, state);
            Screen.Note($"state of position {state.Position}, {state.World.Placements.Count} placements");
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    // A file under the final name is always whole: an export that breaks off leaves only the partial one.
    private static async Task WriteFileAsync(ServerClient server, string path, CancellationToken cancellation)
    {
        var partial = path + ".partial";
        try
        {
            await using (var file = new StreamWriter(partial, append: false, new UTF8Encoding(false)))
                await WriteAsync(server, file, cancellation);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Input("file-unwritable", $"cannot write {path}: {reason.Message.TrimEnd('.')}");
        }
    }

    private static async Task WriteAsync(ServerClient server, TextWriter target, CancellationToken cancellation)
    {
        var count = 0;
        await foreach (var line in LedgerLines.OfServerAsync(server, cancellation))
        {
            // Records end in a line feed on every system, so that copies are the same bytes.
            await target.WriteAsync(line + "\n");
            if (++count % ProgressEvery == 0 && Screen.IsWatched) Screen.Note($"{count} records");
        }

        await target.FlushAsync(cancellation);
        Screen.Note($"exported {count} record{(count == 1 ? "" : "s")}");
    }
}
