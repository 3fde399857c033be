using System.ComponentModel;

namespace ControlPlane.Server.Policies;

/// <summary>Asks to put policy files in force.</summary>
internal sealed record ActivateBody
{
    [Description("All files of the set; cases beside the policies may be among them and change nothing. Either files "
        + "or digest.")]
    public IReadOnlyList<PolicyFileBody>? Files { get; init; }

    [Description("A set that was in force before, in place of files.")]
    public string? Digest { get; init; }

    [Description("Regions to put it in force in, ahead of the others; every region when left out.")]
    public IReadOnlyList<string>? Regions { get; init; }

    [Description(
        "Number that the activation is to have; it must be higher than the one in force. The next when left out.")]
    public long? Version { get; init; }

    [Description("Approval by a key that the server knows; only where the server asks for it.")]
    public SignatureBody? Signature { get; init; }

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

/// <summary>Approves a set of policies.</summary>
internal sealed record SignatureBody
{
    [Description("First 16 digits of SHA-256 over the public key.")]
    public required string KeyId { get; init; }

    [Description("ECDSA on P-256 with SHA-256 in DER, in base64, as 'cplane policy sign' writes it.")]
    public required string Value { get; init; }
}

/// <summary>Shows the policies in force.</summary>
internal sealed record PoliciesAnswer
{
    [Description("SHA-256 over paths and texts of the files: names exactly this set. none when there is none.")]
    public required string Digest { get; init; }

    [Description("Number of the newest activation; 0 when there is none.")]
    public required long Version { get; init; }

    [Description("Ids of the policies, ordered.")]
    public required IReadOnlyList<string> Policies { get; init; }

    [Description("Sets that are in force in some regions, ahead of the others.")]
    public required IReadOnlyList<AheadAnswer> Ahead { get; init; }

    [Description("What decisions record: digest, or one that names all sets in force and where.")]
    public required string JudgedBy { get; init; }
}

/// <summary>Shows a set that is in force in some regions only.</summary>
internal sealed record AheadAnswer
{
    public required string Digest { get; init; }
    public required IReadOnlyList<string> Regions { get; init; }
}

/// <summary>Shows one activation of a set of policies.</summary>
internal sealed record PolicySetAnswer
{
    public required long Version { get; init; }
    public required string Digest { get; init; }

    [Description("Ledger position of the record that holds the files.")]
    public required long Position { get; init; }

    public required DateTimeOffset At { get; init; }

    [Description("Regions it was put in force in; every region when empty.")]
    public required IReadOnlyList<string> Regions { get; init; }

    [Description("Key of the approval it came with.")]
    public string? SignedBy { get; init; }

    [Description("Whether the set is in force now, at least somewhere.")]
    public required bool InForce { get; init; }
}

/// <summary>Holds one page of activations, newest first.</summary>
internal sealed record PolicySetPage(IReadOnlyList<PolicySetAnswer> Sets, string? NextPageToken);

/// <summary>Shows something that runs and is unlawful where it runs.</summary>
internal sealed record FindingAnswer
{
    [Description("The placement.")]
    public required Guid Id { get; init; }

    public required string Tenant { get; init; }
    public required string Workload { get; init; }
    public required IReadOnlyList<string> Sites { get; init; }

    [Description("When an audit found it first.")]
    public required DateTimeOffset FoundAt { get; init; }

    [Description("Ledger position of the record that says so.")]
    public required long Position { get; init; }

    [Description("Last day on which it may stay (UTC): moved, stopped or waived by then.")]
    public required string Deadline { get; init; }

    [Description("Whether that day is over.")]
    public required bool Overdue { get; init; }

    public required IReadOnlyList<BreachAnswer> Breaches { get; init; }
}

/// <summary>Shows a rule that denies something that runs.</summary>
internal sealed record BreachAnswer
{
    public required string Rule { get; init; }
    public required string Reason { get; init; }
    public required string Because { get; init; }

    [Description("First day on which the rule denies it (UTC).")]
    public required string Since { get; init; }

    public required string Deadline { get; init; }
}

/// <summary>Holds one page of findings, ordered by placement.</summary>
internal sealed record FindingPage(IReadOnlyList<FindingAnswer> Findings, string? NextPageToken);

/// <summary>Tells what a set of policies does to what runs, and whether it is in force.</summary>
internal sealed record ActivationAnswer
{
    public required string Digest { get; init; }

    public required bool InForce { get; init; }

    [Description("Whether the set was in force before.")]
    public required bool Changed { get; init; }

    [Description("Number of the newest activation.")]
    public required long Version { get; init; }

    [Description("Ledger position that places to move to were looked for at; absent when nothing changes.")]
    public long? JudgedAt { get; init; }

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

    [Description("Last day on which it may stay (UTC).")]
    public required string Deadline { get; init; }

    [Description("movesTo when there is a lawful place with room, stranded when there is none, else notSought.")]
    public required string Outlook { get; init; }
}
