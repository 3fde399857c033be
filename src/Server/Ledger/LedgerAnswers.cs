using System.ComponentModel;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Ledger;

/// <summary>Tells whether a decision, decided again on the world it was decided on, is the same.</summary>
internal sealed record ReplayAnswer
{
    public required Guid Id { get; init; }
    public required long Position { get; init; }

    [Description("Whether the bytes are the same.")]
    public required bool Same { get; init; }

    [Description("SHA-256 of the recorded decision.")]
    public required string RecordedDigest { get; init; }

    [Description("SHA-256 of the decision made again; absent when another version of the engine made it.")]
    public string? ReplayedDigest { get; init; }

    public required int EngineVersion { get; init; }

    [Description("The decision with every verdict.")]
    public required PlacementAnswer Answer { get; init; }
}

/// <summary>Shows one record of the ledger, as a line of an export holds it.</summary>
internal sealed record RecordAnswer
{
    [Description("Counted from 1 without gaps.")]
    public required long Position { get; init; }

    public string? At { get; init; }
    public string? Kind { get; init; }

    [Description("SHA-256 over the hash before and the body, in hexadecimal.")]
    public string? Hash { get; init; }

    [Description("The event in its canonical form, in base64.")]
    public string? Body { get; init; }

    [Description("Where the content was let go, the hash of the record's leaf (RFC 6962) stands in its place.")]
    public string? Leaf { get; init; }
}

/// <summary>Holds one page of the ledger.</summary>
internal sealed record RecordPage(IReadOnlyList<RecordAnswer> Records, string? NextPageToken);

/// <summary>Shows the newest record of the ledger.</summary>
internal sealed record HeadAnswer
{
    [Description("0 when the ledger is empty.")]
    public required long Position { get; init; }

    public required string Hash { get; init; }

    [Description("Absent when the ledger is empty.")]
    public DateTimeOffset? At { get; init; }
}
