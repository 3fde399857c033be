namespace ControlPlane.Placements.Packing;

/// <summary>A unit on its node.</summary>
/// <param name="Id">The caller's number for it; <see cref="Waited"/> for one that waited.</param>
internal readonly record struct PackedUnit(int Id, PackingKind Kind, int Node, ulong Devices)
{
    /// <summary>Stands in for the number of a unit that found its place only now.</summary>
    public const int Waited = -1;
}

/// <summary>A unit that moves, and the waiting work that is placed because of it.</summary>
/// <param name="Step">
/// Moves of one step are worth something together only. Before the first of them starts, the unit of the last stops;
/// then each finds its room free when its turn comes.
/// </param>
internal sealed record PackingMove(int Step, PackedUnit From, PackedUnit To, int GainMilli, List<PackedUnit> Served);
