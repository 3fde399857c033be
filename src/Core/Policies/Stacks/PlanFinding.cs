namespace ControlPlane.Policies.Stacks;

/// <summary>How a rule found a resource or a stack that it has something to say about.</summary>
public enum PlanOutcome
{
    /// <summary>The rule is broken.</summary>
    Broken,

    /// <summary>
    /// A value that decides is not known yet: not before the update, or not without the stack's secrets.
    /// </summary>
    Undecided,

    /// <summary>The rule has nothing to judge here.</summary>
    NotApplicable,
}

/// <summary>What a rule says about a planned resource. A satisfied rule says nothing.</summary>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Outcome">How it was found.</param>
/// <param name="Urn">The resource; empty for the stack as a whole.</param>
/// <param name="Because">A sentence with the value and what would be accepted.</param>
public sealed record PlanFinding(string Rule, PlanOutcome Outcome, string Urn, string Because)
{
    /// <summary>The sentence that people read: the region file, the rule, and the reason.</summary>
    public string Sentence(string file) => Outcome == PlanOutcome.Undecided
        ? $"{file}: rule {Rule}: not decided yet: {Because}"
        : $"{file}: rule {Rule}: {Because}";
}
