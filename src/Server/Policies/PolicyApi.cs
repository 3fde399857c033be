using System.Globalization;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Policies;

/// <summary>Shows the policies in force, what breaks them, and puts others in force over HTTP.</summary>
internal sealed class PolicyApi(LedgerHost ledger, TimeProvider clock)
{
    private readonly DecisionLoop loop = ledger.Loop;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/policies", Show).Declared(PolicyOperations.Show);
        routes.MapRead("/v1/policies/sets", ListSets).Declared(PolicyOperations.ListSets);
        routes.MapRead("/v1/policies/findings", ListFindings).Declared(PolicyOperations.ListFindings);
        routes.MapPost("/v1/policies:activate", ActivateAsync).Declared(PolicyOperations.Activate);
    }

    private IResult Show() => Results.Ok(PolicyWriter.Of(loop.InForce, loop.Policies));

    private IResult ListSets(HttpRequest request)
    {
        var (page, problem) = PageRequest.Of(request);
        if (problem is not null) return new ProblemAnswer([problem]);
        var before = page.After.Length > 0 ? long.Parse(page.After, CultureInfo.InvariantCulture) : long.MaxValue;
        var (rows, next) = page.Cut(
            loop.InForce.Activations.Reverse().Where(done => done.Version < before).Take(page.Size + 1).ToList(),
            done => done.Version.ToString(CultureInfo.InvariantCulture));
        return Results.Ok(new PolicySetPage(rows.ConvertAll(done => PolicyWriter.Of(done, loop.InForce)), next));
    }

    private IResult ListFindings(HttpRequest request)
    {
        var (page, problem) = PageRequest.Of(request);
        if (problem is not null) return new ProblemAnswer([problem]);
        var (fleet, now) = (loop.Fleet, clock.GetUtcNow());
        var sight = Sight.Of(request.Caller(), Permission.PoliciesRead, fleet).To(request.Query["tenant"]);
        var overdue = request.Query["overdue"] == "true";
        var after = page.After.Length > 0 ? Guid.Parse(page.After) : Guid.Empty;
        var (rows, next) = page.Cut(
            loop.InForce.Findings.Values
                .Where(open => open.Finding.Placement.Value.CompareTo(after) > 0
                    && sight.SeesTenant(open.Finding.Tenant.Value)
                    && open.Finding.Sites.All(site => fleet.FindSite(site) is not { } known
                        || sight.SeesRegion(known.Region.Id.Value))
                    && (!overdue || open.IsOverdue(now)))
                .Take(page.Size + 1).ToList(),
            open => open.Finding.Placement.ToString());
        return Results.Ok(new FindingPage(rows.ConvertAll(open => PolicyWriter.Of(open, now)), next));
    }

    private async Task<IResult> ActivateAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (bytes, problem) = await RequestBody.ReadAsync(request, RequestLimits.BatchBodyBytes, cancellation);
        if (problem is not null) return problem;
        var (asked, wrong) = ActivationReader.Read(bytes);
        if (asked is null) return new ProblemAnswer(wrong);
        var command = asked.Command;
        if (asked.Digest is { } digest)
        {
            if (await EarlierAsync(digest, cancellation) is not { } earlier)
                return AnswerResults.Missing($"no set of policies {digest} was ever in force");
            command = command with
            {
                Files = earlier.Files, Signature = command.Signature ?? earlier.Signature,
            };
        }

        var effect = await ledger.Effects.OfAsync(command, cancellation);
        return await loop.SubmitAsync(command, cancellation) switch
        {
            PoliciesJudged { InForce: false } judged when !command.OnlyJudge =>
                new ProblemAnswer(Unlawful(judged, command.AcceptUnlawful)),
            PoliciesJudged judged => Results.Ok(PolicyWriter.Of(judged, effect)),
            PoliciesUnsigned unsigned => ProblemAnswer.Of(ProblemCatalog.Signature, unsigned.Why),
            PoliciesOutdated outdated => new ProblemAnswer(
            [
                ProblemCatalog.VersionConflict.At(
                    "/version", $"is {outdated.Asked}, which is not newer: version {outdated.Current} is in force"),
            ]),
            DeclarationRefused refused => new ProblemAnswer(
                refused.Problems.Select(item => ProblemCatalog.PolicyInvalid.At("/files", $"{item} [{item.Slug}]"))),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    /// <summary>A set that was in force once, from the ledger; null when none has the digest.</summary>
    private async Task<PoliciesActivated?> EarlierAsync(string digest, CancellationToken cancellation)
    {
        if (loop.InForce.Activations.LastOrDefault(done => done.Digest == digest) is not { } done) return null;
        var records = await ledger.Store.ReadAtAsync([done.Position], cancellation);
        return (PoliciesActivated)records[done.Position].Event;
    }

    /// <summary>What would become unlawful, one problem each behind one that counts them.</summary>
    private static IEnumerable<Problem> Unlawful(PoliciesJudged judged, int accepted)
    {
        yield return ProblemCatalog.PlacementsUnlawful.At(
            "", $"{judged.Unlawful.Count} placement(s) would become unlawful; accepted are {accepted}");
        foreach (var binding in judged.Unlawful)
        {
            var (request, breach) = (binding.Placement.Request, binding.Breaches[0]);
            yield return ProblemCatalog.PlacementsUnlawful.At("", string.Create(CultureInfo.InvariantCulture,
                $"{request.Tenant}/{request.Workload} ({binding.Placement.Id}): {breach.Rule}: {breach.Because}; it "
                + $"might stay until {binding.Deadline:yyyy-MM-dd}"));
        }
    }
}
