using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Policies;

/// <summary>Regions in which a policy is judged while a set is being put in force region by region.</summary>
/// <param name="Regions">The regions.</param>
/// <param name="Except">Whether it is judged in all others instead.</param>
internal sealed record RegionScope(Seq<RegionId> Regions, bool Except)
{
    public bool Holds(RegionId region) => Regions.Contains(region) != Except;
}

/// <summary>A policy set that is in force in some regions, ahead of all others.</summary>
public sealed record PolicyStage(Seq<RegionId> Regions, PolicySet Policies);

/// <summary>
/// Makes one set of the policies that are in force everywhere and of those that are ahead in some regions. What is
/// about places, and caps of sites and regions, is judged by the set of the place's region. What is about a request as
/// a whole, such as isolation, spread, moving, and quotas over every region, binds as soon as one set in force says it:
/// never less than either set. Preferences stay those of the set that is in force everywhere.
/// </summary>
public static class PolicyStages
{
    /// <param name="everywhere">The set in force in all regions that no stage names.</param>
    /// <param name="stages">Sets in force ahead; no region is in two of them.</param>
    public static PolicySet Combine(PolicySet everywhere, Seq<PolicyStage> stages)
    {
        if (stages.Count == 0) return everywhere;
        var policies = everywhere.Policies.Concat(stages.SelectMany(stage => stage.Policies.Policies)).Distinct()
            .Select(policy => policy with
            {
                Scope = ScopeOf(everywhere, stages, set => set.Policies.Contains(policy)),
            });
        var waivers = everywhere.Waivers.Concat(stages.SelectMany(stage => stage.Policies.Waivers)).Distinct()
            .Select(waiver =>
            {
                var scope = ScopeOf(everywhere, stages, set => set.Waivers.Contains(waiver));
                return waiver with { Regions = waiver.Regions.Where(id => scope?.Holds(id) ?? true).ToSeq() };
            })
            .Where(waiver => waiver.Regions.Count > 0);
        return everywhere with
        {
            // One id may come twice, with other rules for other regions; the order is that of the files all the same.
            Policies = policies.OrderBy(policy => policy.Id).ThenBy(policy => policy.Scope?.Except == true ? 0 : 1)
                .ThenBy(policy => policy.Scope?.Regions.ToString() ?? "", StringComparer.Ordinal).ToSeq(),
            Waivers = waivers.OrderBy(waiver => waiver.Id)
                .ThenBy(waiver => waiver.Regions.ToString(), StringComparer.Ordinal).ToSeq(),
            Digest = DigestOf(everywhere, stages),
        };
    }

    /// <summary>Null when the set says it in every region.</summary>
    private static RegionScope? ScopeOf(
        PolicySet everywhere, Seq<PolicyStage> stages, Func<PolicySet, bool> says)
    {
        var without = stages.Where(stage => !says(stage.Policies)).SelectMany(stage => stage.Regions).Order().ToSeq();
        if (says(everywhere)) return without.Count == 0 ? null : new RegionScope(without, Except: true);
        return new RegionScope(
            stages.Where(stage => says(stage.Policies)).SelectMany(stage => stage.Regions).Order().ToSeq(),
            Except: false);
    }

    /// <summary>Names the sets and where they are in force; never that of a set by itself.</summary>
    private static string DigestOf(PolicySet everywhere, Seq<PolicyStage> stages)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"everywhere {everywhere.Digest}\n");
        var ahead = stages.SelectMany(stage => stage.Regions.Select(region => (region, stage.Policies.Digest)));
        foreach (var (region, digest) in ahead.OrderBy(item => item.region))
            text.Append(CultureInfo.InvariantCulture, $"{region} {digest}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{text}")));
    }
}
