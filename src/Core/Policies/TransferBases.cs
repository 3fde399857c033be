using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>Finds the legal bases on which data of one jurisdiction may go to another.</summary>
public static class TransferBases
{
    /// <summary>
    /// Bases, valid or not, of the origin and of the groups it belongs to, towards the destination and the groups that
    /// it belongs to.
    /// </summary>
    public static IEnumerable<TransferBasis> Between(Fleet fleet, JurisdictionId from, JurisdictionId to) =>
        fleet.Catalog.Jurisdictions
            .Where(jurisdiction => fleet.LiesIn(from, jurisdiction.Id))
            .SelectMany(jurisdiction => jurisdiction.TransferBases)
            .Where(basis => fleet.LiesIn(to, basis.To));
}
