using ControlPlane.Files;
using ControlPlane.Reviews;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Policies;

/// <summary>Shows the policies in force and puts others in force over HTTP.</summary>
internal sealed class PolicyApi(DecisionLoop loop)
{
    private const int MostFiles = 10_000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/policies", Show).Declared(PolicyOperations.Show);
        routes.MapPost("/v1/policies:activate", ActivateAsync).Declared(PolicyOperations.Activate);
    }

    private IResult Show() => Results.Ok(new PoliciesAnswer
    {
        Digest = loop.Policies.Digest,
        Policies = [.. loop.Policies.Policies.Select(policy => policy.Id.Value)],
    });

    private async Task<IResult> ActivateAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (bytes, problem) = await RequestBody.ReadAsync(request, RequestLimits.BatchBodyBytes, cancellation);
        if (problem is not null) return problem;
        var (command, wrong) = Read(bytes);
        if (command is null) return new ProblemAnswer(wrong);
        return await loop.SubmitAsync(command, cancellation) switch
        {
            PoliciesJudged { InForce: false, Effect: { } effect } when !command.OnlyJudge => ProblemAnswer.Of(
                ProblemCatalog.PlacementsUnlawful,
                $"{effect.NewlyUnlawful.Count} placement(s) would become unlawful, "
                + $"{effect.StrandedCount} of them with no "
                + $"lawful place; accepted are {command.AcceptUnlawful}"),
            PoliciesJudged judged => Results.Ok(AnswerOf(judged)),
            DeclarationRefused refused => new ProblemAnswer(
                refused.Problems.Select(item => ProblemCatalog.PolicyInvalid.At("/files", $"{item} [{item.Slug}]"))),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private static (ActivatePolicies? Command, IEnumerable<Problem> Wrong) Read(byte[] bytes)
    {
        var parsed = StrictJson.Parse(bytes);
        if (!parsed.IsValid) return (null, parsed.Problems);
        var wrong = new Complaints();
        if (parsed.Value is not BodyObject body)
            return (null, [ProblemCatalog.FieldType.At("", $"must be an object, is {parsed.Value.Form}")]);
        var fields = new FieldReader(body, wrong);
        var list = fields.List("files", required: true);
        var accept = fields.Whole("acceptUnlawful", required: false, 0, int.MaxValue);
        var onlyJudge = fields.Flag("validateOnly");
        fields.Finish();
        if (list?.Items.Count > MostFiles)
            wrong.Add(
                ProblemCatalog.TooMany.At(list.Pointer, $"has {list.Items.Count} entries; the limit is {MostFiles}"));
        var files = list is null || wrong.Any ? [] : list.Items.Select(item => FileOf(item, wrong)).OfType<SourceFile>()
            .ToSeq();
        return wrong.Any ? (null, wrong.Problems) : (new ActivatePolicies(files, (int)(accept ?? 0), onlyJudge), []);
    }

    private static SourceFile? FileOf(BodyNode item, Complaints wrong)
    {
        if (item is not BodyObject body)
        {
            wrong.Add(ProblemCatalog.FieldType.At(item.Pointer, $"must be an object, is {item.Form}"));
            return null;
        }

        var fields = new FieldReader(body, wrong);
        var (path, text) = (fields.Text("path", required: true), fields.Text("text", required: true));
        fields.Finish();
        return path is null || text is null ? null : new SourceFile(path.Text, text.Text);
    }

    private static ActivationAnswer AnswerOf(PoliciesJudged judged)
    {
        var moves = judged.Effect?.MustMove.ToDictionary(move => move.Placement.Id) ?? [];
        return new ActivationAnswer
        {
            Digest = judged.Digest,
            InForce = judged.InForce,
            Changed = judged is { InForce: true, Effect: not null },
            NewlyUnlawful = [.. (judged.Effect?.NewlyUnlawful ?? []).Select(change => new UnlawfulAnswer
            {
                Id = change.Placement.Id.Value,
                Tenant = change.Placement.Request.Tenant.Value,
                Workload = change.Placement.Request.Workload,
                Rule = change.After.Denials.Count > 0 ? change.After.Denials[0].Rule : "",
                Because = change.After.Denials.Count > 0 ? change.After.Denials[0].Because : change.After.Because,
                Outlook = moves[change.Placement.Id] switch
                {
                    MovesTo => "movesTo",
                    Stranded => "stranded",
                    _ => "notSought",
                },
            })],
            NewlyLawful = judged.Effect?.NewlyLawful.Count ?? 0,
            LoseFailover = judged.Effect?.LosesFailover.Count() ?? 0,
        };
    }
}
