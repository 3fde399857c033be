using System.ComponentModel;

namespace ControlPlane.Server.Policies;

/// <summary>Asks to put policy files in force.</summary>
internal sealed record ActivateBody
{
    [Description("All files of the set; cases beside the policies may be among them and change nothing.")]
    public required IReadOnlyList<PolicyFileBody> Files { get; init; }

    [Description("Placements that may become unlawful, 0 when left out; with more nothing is put in force.")]
    public int AcceptUnlawful { get; init; }

    [Description("Whether to say what would happen, and change nothing.")]
    public bool ValidateOnly { get; init; }
}

/// <summary>Holds one policy file as it lies in its folder.</summary>
internal sealed record PolicyFileBody
{
    [Description("Path with forward slashes, such as policies/eu/health-data.yaml.")]
    public required string Path { get; init; }

    public required string Text { get; init; }
}

/// <summary>Shows the policies in force.</summary>
internal sealed record PoliciesAnswer
{
    [Description("SHA-256 over paths and texts of the files: names exactly this set. none when there is none.")]
    public required string Digest { get; init; }

    [Description("Ids of the policies, ordered.")]
    public required IReadOnlyList<string> Policies { get; init; }
}

/// <summary>Tells what a set of policies does to what runs, and whether it is in force.</summary>
internal sealed record ActivationAnswer
{
    public required string Digest { get; init; }

    public required bool InForce { get; init; }

    [Description("Whether the set was in force before.")]
    public required bool Changed { get; init; }

    [Description("Placements that become unlawful, or would; what has the highest priority first.")]
    public required IReadOnlyList<UnlawfulAnswer> NewlyUnlawful { get; init; }

    [Description("Placements that become lawful, or would.")]
    public required int NewlyLawful { get; init; }

    [Description("Placements that lose every site that they could fail over to, or would.")]
    public required int LoseFailover { get; init; }
}

/// <summary>Names a placement that becomes unlawful, with the first rule that denies it.</summary>
internal sealed record UnlawfulAnswer
{
    public required Guid Id { get; init; }
    public required string Tenant { get; init; }
    public required string Workload { get; init; }
    public required string Rule { get; init; }
    public required string Because { get; init; }

    [Description("movesTo when there is a lawful place with room, stranded when there is none, else notSought.")]
    public required string Outlook { get; init; }
}
