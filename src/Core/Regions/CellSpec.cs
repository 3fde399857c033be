using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ControlPlane.Regions;

/// <summary>
/// Declares a cell: the part of the world that one server, one ledger and one database decide for. It stands among
/// the files of the fleet, so that the ledger itself says whose it is.
/// </summary>
public sealed record CellSpec
{
    [Description("Names the cell; unique in the directory.")]
    public required CellId Cell { get; init; }

    [Description("Jurisdictions whose regions the cell decides for, in quotes; regions of others have no place here.")]
    [MinLength(1)]
    public required Seq<JurisdictionId> Jurisdictions { get; init; }

    /// <summary>Whether a jurisdiction is one of the cell's, itself or through a group.</summary>
    public bool Holds(Fleet fleet, JurisdictionId jurisdiction) =>
        Jurisdictions.Any(own => fleet.LiesIn(jurisdiction, own));
}
