using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Server.Placements;

/// <summary>Says over HTTP what the decision loop answers.</summary>
internal static class AnswerResults
{
    public static ProblemAnswer ProblemOf(Answer answer) => answer switch
    {
        NotFound missing => Missing(missing.Detail),
        VersionConflict conflict => new ProblemAnswer(
            [ProblemCatalog.VersionConflict.At(HeaderNames.IfMatch, $"the epoch is {conflict.CurrentEpoch}")]),
        KeyReused reused => new ProblemAnswer([ProblemCatalog.IdempotencyKeyReused.At(
            RequestBody.KeyHeader,
            $"stands for another request, whose hash is {Convert.ToHexStringLower(reused.FirstHash.Span)}")]),
        DependenciesRefused refused => new ProblemAnswer(refused.Problems),
        KeyInProgress => new ProblemAnswer(
        [
            ProblemCatalog.IdempotencyInProgress.At(
                RequestBody.KeyHeader, "stands for a request that is being decided"),
        ])
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        },
        Unavailable unavailable => new ProblemAnswer([new Problem(unavailable.Slug, "", unavailable.Detail)])
        {
            RetryAfter = unavailable.RetryAfter,
        },
        AgentRefused { Refusal: var refusal } => new ProblemAnswer([new Problem(refusal.Slug, "", refusal.Because)]),
        _ => throw new System.Diagnostics.UnreachableException($"{answer}"),
    };

    public static ProblemAnswer Missing(string detail) => ProblemAnswer.Of(ProblemCatalog.NotFound, detail);
}
