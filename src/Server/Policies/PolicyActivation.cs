using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Policies;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Policies;

/// <summary>
/// Decides whether policies that somebody wants in force may be, on the state that they would land on.
/// </summary>
internal static class PolicyActivation
{
    /// <summary>The answer, and what to append when they are to be in force.</summary>
    public static (Answer Answer, PoliciesActivated? Activated) Judge(
        LedgerState state, ActivatePolicies asked, DateTimeOffset now, PolicyKeys keys)
    {
        var parsed = PolicyFiles.Parse(asked.Files, state.World.Fleet);
        var unknown = Unknown(asked, state).ToList();
        if (!parsed.IsValid || unknown.Count > 0)
            return (new DeclarationRefused(parsed.Problems.Concat(unknown).ToSeq()), null);
        var (digest, inForce) = (parsed.Value.Digest, state.InForce);
        if (!asked.OnlyJudge && keys.Fault(digest, asked.Signature) is { } fault)
            return (new PoliciesUnsigned(fault), null);
        if (IsInForce(inForce, digest, asked.Regions))
            return (new PoliciesJudged(digest, InForce: true, Changed: false) { Version = inForce.Version }, null);
        if (asked.Version is { } version && version <= inForce.Version)
            return (new PoliciesOutdated(version, inForce.Version), null);

        // Cases are no part of the law, so they are none of the record.
        var activated = new PoliciesActivated(
            asked.Files.Where(file => !PolicyFiles.IsCasesPath(file.Path)).ToSeq(), digest)
        {
            Version = asked.Version ?? inForce.Version + 1, Regions = asked.Regions, Signature = asked.Signature,
        };
        var unlawful = NewlyUnlawful(state, state.LawWith(activated), now);
        var mayBe = !asked.OnlyJudge && unlawful.Count <= asked.AcceptUnlawful;
        return (
            new PoliciesJudged(digest, mayBe, mayBe)
            {
                Version = mayBe ? activated.Version : inForce.Version, Unlawful = unlawful,
            },
            mayBe ? activated : null);
    }

    private static bool IsInForce(PoliciesInForce inForce, string digest, Seq<RegionId> regions)
    {
        if (regions.Count == 0) return inForce.Digest == digest && inForce.Stages.Count == 0;
        return regions.All(region =>
            (inForce.Stages.FirstOrDefault(stage => stage.Regions.Contains(region))?.Digest ?? inForce.Digest)
                == digest);
    }

    private static IEnumerable<Problem> Unknown(ActivatePolicies asked, LedgerState state)
    {
        var known = state.World.Fleet.Regions.Select(region => region.Id).ToHashSet();
        return asked.Regions.Where(region => !known.Contains(region)).Select(region => new Problem(
            "region-unknown", "regions",
            $"region '{region}' is not known{NearestName.Hint(region.Value, known.Select(id => id.Value))}"));
    }

    /// <summary>What the law in force allows and the other one does not, by id.</summary>
    private static Seq<UnlawfulBinding> NewlyUnlawful(LedgerState state, Law next, DateTimeOffset now) =>
        LawAudit.At(state.World, next, now, inForceSince: now)
            .Where(binding => state.Law.IsLawful(binding.Placement, now))
            .ToSeq();
}
