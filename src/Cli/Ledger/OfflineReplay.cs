using System.Security.Cryptography;
using System.Text.Json;
using ControlPlane.Cli.Placements;
using ControlPlane.Cli.Terminal;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;

namespace ControlPlane.Cli.Ledger;

/// <summary>Makes one decision of an export once more, without a server, and answers as the server would.</summary>
internal static class OfflineReplay
{
    private const int SettleEvery = 1_000;

    public static JsonElement Of(string export, string id)
    {
        if (!Guid.TryParse(Ids.Of(id), out var wanted))
            throw CommandFailure.Input("id-format", $"'{Ids.Of(id)}' is no id of a decision; a UUID is expected");
        JsonElement? found = null;
        var state = new LedgerState(new FleetReader());
        var lines = LedgerLines.OfFile(export).TakeWhile(_ => found is null);
        var verification = LedgerExport.Verify(lines, record =>
        {
            if (record.Event is PlacementDecided decided && decided.Id.Value == wanted)
                found = Replayed(state, record, decided);
            state.Fold(record);
            if (record.Position % SettleEvery == 0) state.Settle();
        });
        if (found is { } answer) return answer;
        throw verification is LedgerBroken broken
            ? new CommandFailure(
                ExitCode.No, "ledger-broken", $"line {broken.Line}, record {broken.Position}: {broken.Why}")
            : CommandFailure.Input("not-found", $"the export holds no decision {wanted}");
    }

    private static JsonElement Replayed(LedgerState before, LedgerRecord record, PlacementDecided decided)
    {
        var result = Replay.Of(before, record);
        var explanation = result switch
        {
            ReplaySame same => same.Explanation,
            ReplayDiffers differs => differs.Explanation,
            ReplayImpossible impossible => throw new CommandFailure(
                ExitCode.No,
                "engine-version",
                $"was decided by engine version {impossible.RecordedEngineVersion}; "
                    + $"this program has version {Replay.EngineVersion}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return DecisionData.Of(before.World.Fleet, record, explanation, new Comparison(
            result is ReplaySame, DigestOf(decided.Decision), DigestOf(explanation.Decision)));
    }

    private static string DigestOf(PlacementDecision decision) =>
        Convert.ToHexStringLower(SHA256.HashData(DecisionCodec.ToBytes(decision)));
}

/// <summary>Whether a decision came out as recorded, with the digests of both.</summary>
internal sealed record Comparison(bool Same, string RecordedDigest, string ReplayedDigest);
