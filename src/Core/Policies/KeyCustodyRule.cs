using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>Demands that encryption keys are out of the provider's hands to a stated degree.</summary>
[FileCase("keyCustody")]
public sealed record KeyCustodyRule : LawRule
{
    [Description("Least custody that is enough: provider, customerManaged, external, customerHardware.")]
    public required KeyCustodyLevel AtLeast { get; init; }

    public override string Reason => ReasonCode.KeyCustody;

    public override LawFinding Judge(LawCase at)
    {
        KeyCustodyLevel? best = null;
        foreach (var claim in at.Cluster.Claims)
        {
            if (claim.Kind == ClaimKind.KeyCustody && claim.HoldsAt(at.AsOf) && (best is null || claim.Custody > best))
                best = claim.Custody;
        }

        return best switch
        {
            null => new(false, $"no key custody is claimed on that day; {AtLeast} is demanded"),
            { } level when level >= AtLeast => new(true, $"key custody is {level}"),
            { } level => new(false, $"key custody is {level}; {AtLeast} is demanded"),
        };
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject) => index.CustodyAtLeast(AtLeast);

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (AtLeast == KeyCustodyLevel.Provider)
            yield return new(
                "policy-blank", $"{path}.atLeast", "custody of the provider demands nothing; name a stricter level");
    }

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) =>
        other is KeyCustodyRule stricter && stricter.AtLeast >= AtLeast;
}
