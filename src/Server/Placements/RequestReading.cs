using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>What a body asks for: the request, and what the body says about how to answer it.</summary>
/// <param name="Request">The request, in canonical form.</param>
/// <param name="Hold">How long to hold; null binds at once.</param>
/// <param name="Explain">Whether every verdict is wanted.</param>
internal sealed record Asked(PlacementRequest Request, TimeSpan? Hold, bool Explain);

/// <summary>
/// What reading a body gave. A problem of the day is one that the same body need not have at another time: a deadline
/// that has passed, a region that is no longer declared. It stands in the way of a new decision, and not of the answer
/// to a request that was decided before.
/// </summary>
/// <param name="Asked">What is asked, in the order of the body; empty when a body is wrong in itself.</param>
/// <param name="Wrong">What is wrong with the body in itself.</param>
/// <param name="OfTheDay">What is wrong with it today.</param>
internal sealed record RequestReading(Seq<Asked> Asked, Seq<Problem> Wrong, Seq<Problem> OfTheDay)
{
    public Seq<Problem> All => [.. Wrong, .. OfTheDay];
}
