using System.ComponentModel;
using ControlPlane.Placements;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Placements;

/// <summary>Tells every verdict on every candidate.</summary>
/// <param name="Candidates">Number of node pools, all of them.</param>
/// <param name="Trials">One for each, ordered by id.</param>
internal sealed record ExplanationAnswer(int Candidates, IReadOnlyList<TrialAnswer> Trials);

/// <summary>Tells all verdicts on one node pool.</summary>
internal sealed record TrialAnswer
{
    public required string Region { get; init; }
    public required string Site { get; init; }
    public required string Cluster { get; init; }
    public required string NodePool { get; init; }
    public string? Sku { get; init; }

    [Description("chosen: units run here; allowed: they could; denied: they may not or cannot.")]
    [AllowedText("chosen", "allowed", "denied")]
    public required string Outcome { get; init; }

    [Description("Units that run here.")]
    public required int Units { get; init; }

    [Description("Law first, then health, capability, room and preference.")]
    public required IReadOnlyList<VerdictAnswer> Verdicts { get; init; }

    [Description("How well the pool suits, term by term, lower is better; absent where law or capability say no.")]
    public Score? Score { get; init; }
}

/// <summary>Tells what one rule says.</summary>
internal sealed record VerdictAnswer
{
    [AllowedText("law", "health", "capacity", "preference")]
    public required string Kind { get; init; }

    [Description("Stable code, such as law.residency.")]
    public required string Reason { get; init; }

    [Description("Rule or check that says so.")]
    public required string Rule { get; init; }

    [AllowedText("allowed", "advised", "denied", "waived")]
    public required string Result { get; init; }

    [Description("Why, in a sentence with the figures.")]
    public required string Because { get; init; }

    [Description("Change of the request that would turn a no into a yes here; never for law.")]
    public ChangeAnswer? Relaxation { get; init; }
}
