using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Ledger;
using ControlPlane.Cli.Terminal;
using ControlPlane.Ledger;

namespace ControlPlane.Cli.Identity;

/// <summary>Keeps signed heads of the ledger, proves records by them, and finds who did what.</summary>
internal static class AuditCommands
{
    public static Command Build(GlobalOptions global) =>
        new("audit", "Keep signed heads, prove records, find who did what")
        {
            Head(global),
            Prove(global),
            Verify(global),
            AuditExport.Build(global),
            AuditRetention.Build(global),
        };

    private static Command Head(GlobalOptions global)
    {
        var command = new Command(
            "head", "Sign the newest head of the ledger; keep it where the server cannot reach it");
        global.Let(command, async (run, cancellation) =>
        {
            var head = await HeadOf(run.Server, cancellation);
            run.Screen.Out.WriteLine(head.ToJson());
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Prove(GlobalOptions global)
    {
        var position = new Argument<long>("POSITION") { Description = "Record to prove" };
        var head = HeadOption();
        var command = new Command("prove", "Prove that a record is what a signed head covers") { position, head };
        global.Let(command, async (run, cancellation) =>
        {
            var signed = run.Get(head) is { } file ? ReadHead(file) : await HeadOf(run.Server, cancellation);
            var at = run.Get(position);
            if (!signed.IsSigned()) return No(run, "the signature of the head is not that of its key");
            var (record, leaf) = await RecordAsync(run.Server, at, cancellation);
            var proof = await run.Server.GetAsync(
                Inv($"v1/audit/proof?position={at}&size={signed.Size}"), cancellation);
            var path = proof.Items("path").Select(step => Hex(step.GetString()!)).ToSeq();
            var given = new MerkleProofHashes(path, signed.Root);
            if (!MerkleProof.IncludesLeaf((at - 1, signed.Size), leaf, given))
                return No(run, Inv($"record {at} is not the one that the head of {signed.Size} records covers"));
            run.Screen.Line(record is null
                ? Inv($"PROVEN  record {at}, whose content was let go: leaf {Convert.ToHexStringLower(leaf)}")
                : Inv($"PROVEN  record {at}, {record.Event.Kind}, {record.At:O}{By(record)}"));
            run.Screen.Line(Inv($"  head   {signed.Size} records, {signed.At:O}, key {signed.KeyId}"));
            foreach (var step in path) run.Screen.Line($"  step   {Convert.ToHexStringLower(step.Span)}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Verify(GlobalOptions global)
    {
        var file = new Option<string?>("--file")
        {
            Description = "Export to verify, - for standard input; needs no server. The server's ledger when left out",
            HelpName = "FILE",
        };
        var head = HeadOption();
        head.Required = true;
        var key = new Option<string?>("--key-id")
        {
            Description = "Key that must have signed the head, as 'cplane audit head' told it once",
            HelpName = "ID",
        };
        var archive = LedgerLines.ArchiveOption();
        var command = new Command("verify", "Compare a ledger with a signed head that was kept")
        {
            file, head, key, archive,
        };
        global.Let(command, (run, cancellation) =>
        {
            var signed = ReadHead(run.Get(head)!); // required
            var lines = LedgerLines.Of(run, (run.Get(file), run.Get(archive)), cancellation);
            var found = HeadVerification.Verify(lines, signed, run.Get(key));
            if (!found.IsSound) return Task.FromResult(No(run, found.Why!)); // said when it is not sound
            run.Screen.Line(Inv($"SOUND   {found.Records} records; the first {signed.Size} are those of the head"));
            if (found.Retired > 0)
                run.Screen.Line(Inv($"  let go {found.Retired} of them, which are there by their hashes only"));
            run.Screen.Line(Inv($"  head   {signed.At:O}, key {signed.KeyId}"));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    /// <summary>Who caused a record, in words; empty when nobody did.</summary>
    public static string By(LedgerRecord record) => record.Event.By switch
    {
        null => "",
        { Subject.Length: 0 } nobody => $", by nobody known from {nobody.From}",
        { OnBehalfOf.Length: > 0 } actor => $", by {actor.Subject} for {actor.OnBehalfOf} from {actor.From}",
        var actor => $", by {actor.Subject} from {actor.From}",
    };

    private static Option<string?> HeadOption() => new("--head")
    {
        Description = "File with a signed head, as 'cplane audit head' printed it",
        HelpName = "FILE",
    };

    private static SignedHead ReadHead(string file) => SignedHead.Parse(InputFile.Read(file).Text)
        ?? throw CommandFailure.Input("json-syntax", $"{file} holds no signed head");

    private static async Task<SignedHead> HeadOf(ServerClient server, CancellationToken cancellation)
    {
        var body = await server.GetAsync("v1/audit/head", cancellation);
        return SignedHead.Parse(body.GetRawText())
            ?? throw new CommandFailure(ExitCode.Unreachable, "unexpected-answer", "the server gave no signed head");
    }

    /// <summary>A record and the hash of its leaf; null and the leaf where its content was let go.</summary>
    private static async Task<(LedgerRecord? Record, byte[] Leaf)> RecordAsync(
        ServerClient server, long at, CancellationToken cancellation)
    {
        var page = await server.GetAsync(Inv($"v1/ledger?after={Math.Max(0, at - 1)}&page_size=1"), cancellation);
        var found = page.Items("records").FirstOrDefault();
        if (found.ValueKind != JsonValueKind.Object)
            throw CommandFailure.Input("not-found", Inv($"there is no record {at}"));
        if (found.TryGetProperty("leaf", out var gone)) return (null, Convert.FromHexString(gone.GetString()!));
        var record = LedgerRecord.Read(Convert.FromBase64String(found.Text("body")), LedgerRecord.NoHash);
        var leaf = new byte[LedgerRecord.HashBytes];
        MerkleTree.HashLeaf(record.Body.Span, leaf);
        return (record, leaf);
    }

    private static int No(CommandRun run, string why)
    {
        run.Screen.Line($"BROKEN  {why}");
        return ExitCode.No;
    }

    private static Seq<byte> Hex(string text) => Convert.FromHexString(text).ToSeq();

    private static string Inv(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
