using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>
/// Demands that work is kept apart from other tenants, and from the operator of its nodes. Requests that ask for less
/// are raised; nodes are chosen, and kept from other tenants, accordingly.
/// </summary>
[FileCase("isolation")]
public sealed record IsolationRule : DemandRule
{
    [Description("Least isolation: shared, dedicatedNode or dedicatedSite.")]
    public required IsolationLevel AtLeast { get; init; }

    [Description("true demands nodes that protect memory so that their operator cannot read it.")]
    public bool Confidential { get; init; }

    public override string Reason => ReasonCode.Isolation;

    public override LawFinding Judge(PlacementRequest asked) => new(true, $"runs {Describe()}");

    public override LawFinding Judge(PlacementRequest asked, FleetPool at) => Confidential && !at.Spec.Confidential
        ? new(false, $"nodes of {at} do not protect memory from their operator")
        : Judge(asked);

    public override PlacementRequest Raise(PlacementRequest asked) => asked with
    {
        Isolation = asked.Isolation > AtLeast ? asked.Isolation : AtLeast,
        Unit = asked.Unit with { Confidential = asked.Unit.Confidential || Confidential },
    };

    public override LawFinding Judge(Fleet fleet, Placement running)
    {
        if (running.Isolation < AtLeast)
            return new(false, $"runs {FileShapes.NameOf(running.Isolation.ToString())}; {Describe()} is demanded");
        var open = running.Units.Select(unit => fleet.FindPool(unit.Node.Pool))
            .FirstOrDefault(pool => pool is not { Spec.Confidential: true });
        return Confidential && open is not null
            ? new(false, $"nodes of {open} do not protect memory from their operator")
            : new(true, $"runs {Describe()}");
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (AtLeast == IsolationLevel.Shared && !Confidential)
            yield return new("policy-blank", $"{path}.atLeast",
                "shared demands nothing; name a stricter level or confidential: true");
    }

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) =>
        other is IsolationRule stricter && stricter.AtLeast >= AtLeast && (stricter.Confidential || !Confidential);

    private string Describe() => FileShapes.NameOf(AtLeast.ToString()) + (Confidential ? " and confidential" : "");
}
