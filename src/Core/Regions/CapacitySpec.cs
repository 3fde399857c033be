using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>How a provider assures the capacity of a pool.</summary>
public enum CapacityKind
{
    /// <summary>A reservation without an end: paid for as long as it stands.</summary>
    Reservation,

    /// <summary>A block bought up front for a stated time.</summary>
    Block,
}

/// <summary>Capacity of a pool that the provider keeps for us.</summary>
public sealed record CapacitySpec
{
    [Description("reservation has no end; block is bought up front for durationHours.")]
    public required CapacityKind Kind { get; init; }

    [Description("The provider's zone that the capacity lies in, such as eu-central-1b or 2.")]
    [NameFormat("^[a-z0-9][a-z0-9-]{0,62}$", "lower-case letters, digits and hyphens")]
    public required string Zone { get; init; }

    [Description("block: hours that are bought.")]
    [Range(24, 4_368)]
    public int? DurationHours { get; init; }
}
