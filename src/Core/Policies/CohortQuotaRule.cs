using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Gives each tenant of a cohort accelerators of its own and lets it borrow what the others do not use. What the cohort
/// uses together never exceeds what its members own together; what is lent comes back when the borrower's work ends.
/// </summary>
[FileCase("cohortQuota")]
public sealed record CohortQuotaRule : CapacityRule
{
    [Description("Tenants that share; a tenant that the policy matches and that is not among them gets nothing.")]
    public Seq<CohortMember> Members { get; init; }

    [Description("all adds up every region, region shares in each one by itself.")]
    public required QuotaScope Over { get; init; }

    [Description("Regions that are limited, with over: region; every region when left out.")]
    public Seq<RegionId> Regions { get; init; }

    [Description("Models that count; all when left out.")]
    public Seq<SkuId> Skus { get; init; }

    public bool Counts(RegionId region) => Regions.Count == 0 || Regions.Contains(region);

    public bool Counts(Sku? sku) => sku is not null && (Skus.Count == 0 || Skus.Contains(sku.Id));

    /// <summary>Accelerators that a tenant may have in use in all, in thousandths; 0 for a stranger.</summary>
    /// <param name="tenant">The tenant that asks.</param>
    /// <param name="usedMilli">What a member uses now.</param>
    public long LimitMilli(TenantId tenant, Func<TenantId, long> usedMilli)
    {
        if (Members.FirstOrDefault(member => member.Tenant == tenant) is not { } mine) return 0;
        long lendable = 0, borrowed = 0;
        foreach (var other in Members.Where(member => member.Tenant != tenant))
        {
            var used = usedMilli(other.Tenant);
            lendable += Math.Min(other.LendableMilli, Math.Max(0, other.OwnMilli - used));
            borrowed += Math.Max(0, used - other.OwnMilli);
        }

        // Below zero the others have borrowed from this tenant, who gets it back only when they let go.
        var left = lendable - borrowed;
        return left >= 0 ? mine.OwnMilli + Math.Min(mine.BorrowAtMost * 1000L, left)
            : Math.Max(0, mine.OwnMilli + left);
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (Members.Count == 0)
            yield return new("policy-blank", $"{path}.members", "a cohort needs members; blank never means allow");
        if (Over == QuotaScope.All && Regions.Count > 0)
            yield return new(
                "rule-conflict", $"{path}.regions", "over: all adds up every region; name regions with over: region");
        var seen = new HashSet<TenantId>();
        for (var index = 0; index < Members.Count; index++)
        {
            if (Members[index] is not { Tenant.Value: not null } member) continue;
            if (!seen.Add(member.Tenant))
                yield return new(
                    "duplicate-id", $"{path}.members[{index}].tenant", $"'{member.Tenant}' is a member already");
            if (member.LendAtMost > member.Accelerators)
            {
                yield return new("rule-conflict", $"{path}.members[{index}].lendAtMost",
                    $"is {member.LendAtMost}; more than the {member.Accelerators} that the member owns cannot be lent");
            }
        }

        foreach (var problem in RuleChecks.Regions(fleet, Regions, $"{path}.regions")) yield return problem;
        foreach (var problem in RuleChecks.Skus(fleet, Skus, $"{path}.skus")) yield return problem;
    }
}

/// <summary>What one tenant of a cohort owns, may borrow and lends.</summary>
public sealed record CohortMember
{
    [Description("The tenant.")]
    public required TenantId Tenant { get; init; }

    [Description("Accelerators of its own.")]
    [Range(0, 10_000_000)]
    public required int Accelerators { get; init; }

    [Description("Most accelerators it may use beyond its own.")]
    [Range(0, 10_000_000)]
    public required int BorrowAtMost { get; init; }

    [Description("Most of its own that the others may use; all of them when left out.")]
    [Range(0, 10_000_000)]
    public int? LendAtMost { get; init; }

    internal long OwnMilli => Accelerators * 1000L;

    internal long LendableMilli => (LendAtMost ?? Accelerators) * 1000L;
}
