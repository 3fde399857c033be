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
        var command = new Command("export", "Write the records about a workload or a person, one JSON object a line")
        {
            subject, file,
        };
        global.Let(command, (run, cancellation) =>
        {
            var lines = run.Get(file) is { } path
                ? LedgerLines.OfFile(path)
                : LedgerLines.OfServerAsync(run.Server, cancellation).ToBlockingEnumerable(cancellation);
            var written = 0;
            var about = new Subject(run.Get(subject)!); // required
            var found = LedgerExport.Verify(lines, record =>
            {
                if (!about.Concerns(record)) return;
                run.Screen.Out.WriteLine(LineOf(record));
                written++;
            });
            if (found is LedgerBroken broken)
                throw CommandFailure.Input("ledger-broken", $"line {broken.Line}: {broken.Why}");
            Screen.Note(string.Create(CultureInfo.InvariantCulture, $"{written} records about {run.Get(subject)}"));
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
        _ => recorded.Kind,
    };

    /// <summary>Tells what concerns a name; a placement's later records are known by its id.</summary>
    private sealed class Subject(string name)
    {
        private readonly HashSet<DecisionId> ids = [];

        public bool Concerns(LedgerRecord record)
        {
            switch (record.Event)
            {
                case PlacementDecided decided
                    when decided.Request.Tenant.Value == name
                    || $"{decided.Request.Tenant}/{decided.Request.Workload}" == name:
                    ids.Add(decided.Id);
                    return true;
                case PlacementDecided { Decision: Placed placed } when placed.Preempted.Any(ids.Contains):
                case PlanLanded { Plan: var plan } when plan.Moves.Any(move => move.Preempted.Any(ids.Contains)):
                case PlacementReleased released when ids.Contains(released.Id):
                case HoldConfirmed confirmed when ids.Contains(confirmed.Id):
                    return true;
                case AgentGranted { Grant: var grant } when grant.Agent == name || grant.OnBehalfOf == name:
                    return true;
                default:
                    return record.Event.By is { } by && (by.Subject == name || by.OnBehalfOf == name);
            }
        }
    }
}
