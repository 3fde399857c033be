using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Ledger;
using ControlPlane.Regions;

namespace ControlPlane.Cli.Ledger;

/// <summary>
/// Reads and writes a file with the state at one position: what runs and which files are in force, not how it came.
/// </summary>
internal static class SnapshotFile
{
    private const int SettleEvery = 1_000;

    /// <summary>The state that records add up to; a record that is broken ends the command.</summary>
    public static LedgerState Fold(IEnumerable<string> lines)
    {
        var state = new LedgerState(new FleetReader());
        var verification = LedgerExport.Verify(lines, record =>
        {
            state.Fold(record);
            if (record.Position % SettleEvery == 0) state.Settle();
        });
        return verification is LedgerBroken broken
            ? throw new CommandFailure(
                ExitCode.InvalidInput, "ledger-broken", $"line {broken.Line}, record {broken.Position}: {broken.Why}")
            : state;
    }

    public static LedgerState Read(string path)
    {
        try
        {
            return LedgerSnapshot.Read(new FleetReader(), File.ReadAllBytes(path));
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw InputFile.Unreadable(path, reason);
        }
        catch (LedgerFormatException broken)
        {
            throw CommandFailure.Input("ledger-broken", $"{path} is no snapshot: {broken.Message}");
        }
    }

    public static void Write(string path, LedgerState state)
    {
        try
        {
            File.WriteAllBytes(path, LedgerSnapshot.Write(state));
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Input("file-unwritable", $"cannot write {path}: {reason.Message.TrimEnd('.')}");
        }
    }
}
