using System.ComponentModel;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Placements;

/// <summary>Tells a client what was decided: where the workload runs, or why it does not.</summary>
internal sealed record PlacementAnswer
{
    [Description("bound, held or refused; planned when a plan would be placed.")]
    [AllowedText("bound", "held", "planned", "refused")]
    public required string Outcome { get; init; }

    [Description("Names the decision, and the placement or hold that it made; absent for a plan.")]
    public Guid? Id { get; init; }

    [Description("Ledger position of the decision, for a plan that of its world; absent when confirmed.")]
    public long? Position { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }

    [Description("Digest of the policies in force; absent when confirmed.")]
    public string? PolicyDigest { get; init; }

    [Description("Version of the decision engine; absent when confirmed.")]
    public int? EngineVersion { get; init; }

    public required string Tenant { get; init; }

    public required string Workload { get; init; }

    [Description("End of the hold; absent when bound.")]
    public DateTimeOffset? HoldUntil { get; init; }

    [Description("Counts the starts of the workload; If-Match takes it. Absent for plans and refusals.")]
    public long? Epoch { get; init; }

    [Description("Where the units run; absent when refused.")]
    public PlacedAnswer? Placement { get; init; }

    [Description("Placements that end, or would end, to make room; absent when none does.")]
    public IReadOnlyList<Guid>? Preempted { get; init; }

    [Description("Why there is no place; there exactly when refused.")]
    public RefusalAnswer? Refusal { get; init; }

    [Description("Every verdict on every candidate; there when it was asked for.")]
    public ExplanationAnswer? Explanation { get; init; }
}

/// <summary>Answers a batch, one entry for each request in order.</summary>
internal sealed record BatchAnswer(IReadOnlyList<PlacementAnswer> Results);

/// <summary>Tells where the units run, what that costs and what it draws.</summary>
internal sealed record PlacedAnswer
{
    [Description("One entry for each node pool.")]
    public required IReadOnlyList<PlaceAnswer> Places { get; init; }

    [Description("Weighted cost of the choice over all units, lower is better; absent when confirmed.")]
    public long? Score { get; init; }

    public required decimal UsdPerHour { get; init; }

    [Description("Power at the feed of the site when the units work fully.")]
    public required decimal FacilityKilowatts { get; init; }
}

/// <summary>Tells which units run in one node pool.</summary>
internal sealed record PlaceAnswer
{
    public required string Region { get; init; }
    public required string Jurisdiction { get; init; }
    public required string Site { get; init; }
    public required string Cluster { get; init; }

    [AllowedText("kubernetes", "slurm", "simulated")]
    public required string Scheduler { get; init; }

    public required string Provider { get; init; }
    public required string ProviderRegion { get; init; }
    public required string NodePool { get; init; }

    [Description("Accelerator model; absent for nodes without.")]
    public string? Sku { get; init; }

    public required int Units { get; init; }
    public required IReadOnlyList<NodeAnswer> Nodes { get; init; }
}

/// <summary>Tells which node and accelerators one unit uses.</summary>
internal sealed record NodeAnswer
{
    public required string Node { get; init; }

    [Description("Place of the node in its pool, counted from 0.")]
    public required int Ordinal { get; init; }

    public required int Units { get; init; }

    [Description("Accelerators of the node that the unit uses, counted from 0.")]
    public required IReadOnlyList<int> Devices { get; init; }

    [Description("Thousandths of the accelerator that the unit shares; 0 for whole ones or none.")]
    public required int ShareMilli { get; init; }
}

/// <summary>Tells why there is no place.</summary>
internal sealed record RefusalAnswer
{
    [AllowedText(
        "policy-contradiction", "no-lawful-region", "no-active-site", "no-capable-hardware", "quota-exceeded",
        "loss-unsurvivable", "no-capacity")]
    public required string Reason { get; init; }

    [Description("The reason in a sentence.")]
    public required string Detail { get; init; }

    [Description("Clauses of the request that exclude each other.")]
    public required IReadOnlyList<string> Contradicting { get; init; }

    [Description("The smallest permitted change that would be granted; absent when there is none. Never law.")]
    public NearestAnswer? NearestChange { get; init; }

    [Description("What would make room by ending work of lower priority, if a policy allowed it; absent otherwise.")]
    public string? Preemption { get; init; }

    [Description("What keeps the workload out, most sites first.")]
    public required IReadOnlyList<ReasonAnswer> Reasons { get; init; }

    [Description("Other cells that the policies here allow and whose numbers leave room, as known now; nothing was "
        + "asked of them, and the caller asks with a token of theirs. Absent when there is none.")]
    public IReadOnlyList<ElsewhereAnswer>? Elsewhere { get; init; }
}

/// <summary>Tells of a region of another cell where the caller might ask.</summary>
internal sealed record ElsewhereAnswer
{
    public required string Cell { get; init; }
    public required string Jurisdiction { get; init; }
    public required string Region { get; init; }

    [Description("Where the other cell is asked.")]
    public required string Url { get; init; }

    [Description("Units of the request that its numbers leave room for.")]
    public required int Units { get; init; }

    [Description("How old the numbers are.")]
    public required long AgeSeconds { get; init; }
}

/// <summary>Offers changes of the request that together would be granted.</summary>
/// <param name="Pool">Node pool that would take the workload, or part of it.</param>
/// <param name="Changes">Fields to change.</param>
internal sealed record NearestAnswer(string Pool, IReadOnlyList<ChangeAnswer> Changes);

/// <summary>Offers to change one field of the request.</summary>
internal sealed record ChangeAnswer(string Field, string From, string To);

/// <summary>Tells what keeps a workload out of some sites.</summary>
internal sealed record ReasonAnswer
{
    [Description("Stable code, such as law.residency.")]
    public required string Reason { get; init; }

    [AllowedText("law", "health", "capacity", "preference")]
    public required string Kind { get; init; }

    [Description("Rule or check that says so.")]
    public required string Rule { get; init; }

    [Description("Sites where it is the first to say no.")]
    public required int Sites { get; init; }

    [Description("What it says at one of them.")]
    public required string Detail { get; init; }

    [Description("Whether a change of the request would help; never for law.")]
    public required bool Negotiable { get; init; }
}
