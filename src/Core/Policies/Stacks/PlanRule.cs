using ControlPlane.Regions.Stacks;

namespace ControlPlane.Policies.Stacks;

/// <summary>How much a broken rule weighs.</summary>
public enum PlanSeverity
{
    Medium = 2,
    High = 3,
    Critical = 4,
}

/// <summary>A rule that planned resources of a region's stack must keep.</summary>
public abstract record PlanRule
{
    public abstract string Name { get; }

    /// <summary>What the rule demands, in one sentence.</summary>
    public abstract string Demand { get; }

    /// <summary>What to do when it is broken.</summary>
    public abstract string Remedy { get; }

    public abstract PlanSeverity Severity { get; }

    /// <summary>Judges one resource by itself. A satisfied rule gives nothing.</summary>
    public virtual IEnumerable<PlanFinding> Judge(PlanCase at, PlannedResource resource) => [];

    /// <summary>Judges all resources together. A satisfied rule gives nothing.</summary>
    public virtual IEnumerable<PlanFinding> JudgeStack(PlanCase at, Seq<PlannedResource> resources) => [];

    /// <summary>Judges what the stack's configuration would change behind the region file's back.</summary>
    public virtual IEnumerable<PlanFinding> JudgeConfig(PlanCase at, Seq<PlanEntry> config) => [];

    /// <summary>Properties with which the resource keeps the rule; null where that cannot be made up.</summary>
    public virtual PlanMap? Remediate(PlanCase at, PlannedResource resource) => null;

    /// <summary>Whether the rule judges whole stacks rather than single resources.</summary>
    public virtual bool IsOfStack => false;

    private protected PlanFinding Broken(PlannedResource resource, string because) =>
        new(Name, PlanOutcome.Broken, resource.Urn, because);

    private protected PlanFinding BrokenByConfig(PlanCase at, string because) =>
        new(Name, PlanOutcome.Broken, "", $"{because} ({at.ConfigFile})");

    private protected PlanFinding Undecided(PlannedResource resource, string property) =>
        new(Name, PlanOutcome.Undecided, resource.Urn, $"{property} is not known yet");

    private protected PlanFinding NotApplicable(PlannedResource resource, string because) =>
        new(Name, PlanOutcome.NotApplicable, resource.Urn, because);
}
