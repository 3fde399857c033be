using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using ControlPlane.Cli.Terminal;
using ControlPlane.Ledger;

namespace ControlPlane.Cli.Ledger;

/// <summary>
/// Verifies a copy of the ledger: that nothing was changed, dropped or moved, and that decisions replay.
/// </summary>
internal static class VerifyCommand
{
    public static Command Build(GlobalOptions global)
    {
        var file = new Option<string?>("--file")
        {
            Description = "Export to verify, - for standard input; needs no server. The server's ledger when left out",
            HelpName = "FILE",
        };
        var head = new Option<string?>("--head")
        {
            Description =
                "Hash that the newest record must have, as kept elsewhere; shows that nothing was cut off the end",
            HelpName = "HASH",
        };
        var replay = new Option<bool>("--replay")
        {
            Description = "Also decide every recorded decision once more and compare the bytes",
        };
        var archive = LedgerLines.ArchiveOption();
        var command = new Command(
            "verify", "Verify that no record was changed, dropped or moved") { file, head, replay, archive };
        global.Let(command, (run, cancellation) => Task.FromResult(
            Verify(
                run, new Question((run.Get(file), run.Get(archive)), run.Get(head), run.Get(replay)), cancellation)));
        return command;
    }

    private static int Verify(CommandRun run, Question question, CancellationToken cancellation)
    {
        if (question.Head is { } hash && (hash.Length != 2 * LedgerRecord.HashBytes || !hash.All(char.IsAsciiHexDigit)))
            throw CommandFailure.Usage($"--head needs {2 * LedgerRecord.HashBytes} hexadecimal digits");
        var lines = LedgerLines.Of(run, question.From, cancellation);
        long retired = 0;
        using var replay = question.Replay ? new LedgerReplay() : null;
        // Deciding again needs all content; the chain alone passes over what was let go.
        var verification = replay is null
            ? LedgerExport.Verify(lines, null, _ => retired++)
            : LedgerExport.Verify(lines, replay.Fold);
        var finding = Finding.Of(verification, question, replay) with { Retired = retired > 0 ? retired : null };
        Print(run, finding);
        return finding.Ok ? ExitCode.Ok : ExitCode.No;
    }

    private static void Print(CommandRun run, Finding finding)
    {
        var data = JsonSerializer.SerializeToElement(finding, FindingJson);
        switch (run.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                run.Screen.Out.WriteLine(DataText.Of(run.Format, data));
                break;
            case OutputFormat.Csv:
                run.Screen.Line(DataText.Csv(data.EnumerateObject().Select(field => field.Name)));
                run.Screen.Line(DataText.Csv(data.EnumerateObject().Select(field => JsonFields.TextOf(field.Value))));
                break;
            default:
                foreach (var line in finding.Lines()) run.Screen.Line(line);
                break;
        }
    }

    private static readonly JsonSerializerOptions FindingJson = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>What was asked to be verified.</summary>
    private sealed record Question((string? File, string? Archive) From, string? Head, bool Replay);

    /// <summary>What verification found, in the form it is printed in.</summary>
    private sealed record Finding
    {
        public required bool Ok { get; init; }
        public required long Position { get; init; }
        public string? Hash { get; init; }
        public int? Line { get; init; }
        public string? Why { get; init; }
        public long? Retired { get; init; }
        public long? Same { get; init; }
        public long? Different { get; init; }
        public long? OtherEngine { get; init; }
        public IReadOnlyList<long>? Differing { get; init; }
        public string? StateDigest { get; init; }
        public string? DecisionsDigest { get; init; }

        public static Finding Of(LedgerVerification verification, Question question, LedgerReplay? replay)
        {
            switch (verification)
            {
                case LedgerBroken broken:
                    return new Finding { Ok = false, Position = broken.Position, Line = broken.Line, Why = broken.Why };
                case LedgerSound sound:
                    var hash = Convert.ToHexStringLower(sound.Hash.Span);
                    var cut = question.Head is { } head
                        && !string.Equals(head, hash, StringComparison.OrdinalIgnoreCase);
                    return new Finding
                    {
                        Ok = !cut && replay is not { Different: > 0 },
                        Position = sound.Position,
                        Hash = hash,
                        Why = cut
                            ? $"the newest record is not the one with hash {question.Head}: "
                                + "records are missing at the end, or all were written anew"
                            : null,
                        Same = replay?.Same,
                        Different = replay?.Different,
                        OtherEngine = replay?.Impossible,
                        Differing = replay is { Different: > 0 } ? replay.Differing : null,
                        StateDigest = replay is null
                            ? null
                            : Convert.ToHexStringLower(LedgerSnapshot.DigestOf(replay.State).Span),
                        DecisionsDigest = replay is null
                            ? null
                            : Convert.ToHexStringLower(replay.DecisionsDigest().Span),
                    };
                default:
                    throw new UnreachableException();
            }
        }

        public IEnumerable<string> Lines()
        {
            if (Line is { } line)
            {
                yield return $"BROKEN  line {line}, record {Position}: {Why}";
                yield break;
            }

            if (Why is not null) yield return $"BROKEN  after record {Position}: {Why}";
            else yield return Position == 0
                ? "SOUND   the ledger is empty"
                : $"SOUND   {Position} records, every one in its place and unchanged";
            if (Retired is { } gone) yield return $"  let go     {gone} of them, which are there by their hashes only";
            yield return $"  head       {Hash}";
            if (Same is null) yield break;
            yield return $"  decisions  {Same} same, {Different} different, {OtherEngine} of another engine version";
            if (Differing is { Count: > 0 }) yield return $"  different  record {string.Join(", ", Differing)}";
            yield return $"  state      {StateDigest}";
            yield return $"  replayed   {DecisionsDigest}";
        }
    }
}
