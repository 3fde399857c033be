using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Ledger;
using ControlPlane.Cli.Terminal;
using ControlPlane.Ledger;
using ControlPlane.Placements;

namespace ControlPlane.Cli.Identity;

/// <summary>Writes out what concerns one workload or person: what was decided, by whom, under which law.</summary>
internal static class AuditExport
{
    public static Command Build(GlobalOptions global)
    {
        var subject = new Option<string>("--subject")
        {
            Description = "TENANT/WORKLOAD, TENANT, or who acted, as the ledger names them",
            HelpName = "NAME",
            Required = true,
        };
        var file = new Option<string?>("--file")
        {
            Description = "Export to read, - for standard input; needs no server. The server's ledger when left out",
            HelpName = "FILE",
        };
        var archive = LedgerLines.ArchiveOption();
        var command = new Command("export", "Write the records about a workload or a person, one JSON object a line")
        {
            subject, file, archive,
        };
        global.Let(command, (run, cancellation) =>
        {
            var lines = LedgerLines.Of(run, (run.Get(file), run.Get(archive)), cancellation);
            var written = 0;
            var gone = new List<long>();
            var about = new AuditSubject(run.Get(subject)!); // required
            var found = LedgerExport.Verify(lines, record =>
            {
                if (!about.Concerns(record)) return;
                run.Screen.Out.WriteLine(LineOf(record));
                written++;
            }, retired => gone.Add(retired.Position));
            if (found is LedgerBroken broken)
                throw CommandFailure.Input("ledger-broken", $"line {broken.Line}: {broken.Why}");
            Screen.Note(string.Create(CultureInfo.InvariantCulture, $"{written} records about {run.Get(subject)}"));
            if (gone.Count > 0)
            {
                Screen.Note(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the content of {gone.Count} records of {gone[0]} to {gone[^1]} was let go; what of them is about "
                    + $"{run.Get(subject)} is in the archive: --archive DIR"));
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static string LineOf(LedgerRecord record) => JsonSerializer.Serialize(new
    {
        position = record.Position,
        at = record.At.ToString("O", CultureInfo.InvariantCulture),
        kind = record.Event.Kind,
        by = record.Event.By?.Subject,
        onBehalfOf = record.Event.By?.OnBehalfOf,
        issuer = record.Event.By?.Issuer,
        from = record.Event.By?.From,
        token = record.Event.By?.Token,
        what = What(record.Event),
        policyDigest = record.Event switch
        {
            PlacementDecided decided => decided.PolicyDigest,
            AccessDenied denied => denied.PolicyDigest,
            PoliciesActivated activated => activated.Digest,
            _ => null,
        },
        hash = Convert.ToHexStringLower(record.Hash.Span),
        body = Convert.ToBase64String(record.Body.Span),
    });

    private static string What(LedgerEvent recorded) => recorded switch
    {
        PlacementDecided { Decision: Refused refused } decided =>
            $"{decided.Request.Tenant}/{decided.Request.Workload} refused: {refused.Reason}",
        PlacementDecided { Decision: Placed { Preempted: { Count: > 0 } ended } } decided =>
            $"{decided.Request.Tenant}/{decided.Request.Workload} placed as {decided.Id}, "
            + $"ending {string.Join(", ", ended)}",
        PlacementDecided decided => $"{decided.Request.Tenant}/{decided.Request.Workload} placed as {decided.Id}",
        PlacementReleased released => $"{released.Id} ended: {released.Reason}",
        HoldConfirmed confirmed => $"{confirmed.Id} confirmed",
        AccessDenied denied => string.Create(
            CultureInfo.InvariantCulture, $"{denied.Operation} denied {denied.Times} time(s): {denied.Slug}"),
        AgentGranted { Grant: var grant } => string.Create(
            CultureInfo.InvariantCulture, $"{grant.Agent} may act for {grant.OnBehalfOf} until {grant.Until:O}"),
        GrantEnded ended => $"grant {ended.Id} ended: {ended.Because}",
        AgentsHalted { IsHalted: true } halted => $"all software agents stopped: {halted.Because}",
        AgentsHalted halted => $"software agents may go on: {halted.Because}",
        RecordsRetired retired => string.Create(
            CultureInfo.InvariantCulture,
            $"content of records up to {retired.UpTo}, from before {retired.Before:O}, let go"),
        _ => recorded.Kind,
    };
}
