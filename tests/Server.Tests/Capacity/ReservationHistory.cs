using ControlPlane.Ledger;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Tests.Capacity;

/// <summary>What one client asked for and was told: the id of what it was granted, or null.</summary>
internal sealed record ReservationAct(Guid? Id, DateTime Asked, DateTime Answered);

/// <summary>
/// Checks that what clients saw is one order of events that the ledger has: every grant is there and no other, no
/// instant is booked twice at any position, and what was answered before another was asked stands before it.
/// </summary>
internal static class ReservationHistory
{
    /// <summary>Hours that are added up one by one from the first window on.</summary>
    private const int Hours = 24 * 12;

    public static List<string> Faults(
        List<ReservationAct> acts, List<(long Position, LedgerEvent Event)> records, (RegionId Region, int Room) of)
    {
        var (book, made, faults) = (ReservationBook.Empty, new Dictionary<Guid, long>(), new List<string>());
        foreach (var (position, happened) in records)
        {
            if (happened is ReservationMade { Reservation: var reservation } && reservation.Region == of.Region)
            {
                book = book.With(reservation);
                made.Add(reservation.Id.Value, position);
                if (MostBooked(book) is var most && most > of.Room)
                    faults.Add($"{most} of {of.Room} are booked at once at position {position}");
            }

            if (happened is ReservationEnded ended) book = book.Without(ended.Id);
        }

        var granted = acts.Where(act => act.Id is not null).ToList();
        faults.AddRange(granted.Where(act => !made.ContainsKey(act.Id!.Value))
            .Select(act => $"{act.Id} was granted and is not in the ledger"));
        faults.AddRange(made.Keys.Except(granted.Select(act => act.Id!.Value))
            .Select(id => $"{id} is in the ledger and nobody was granted it"));
        var known = granted.Where(act => made.ContainsKey(act.Id!.Value)).ToList();
        faults.AddRange(
            from early in known
            from late in known
            where early.Answered < late.Asked && made[early.Id!.Value] > made[late.Id!.Value]
            select $"{early.Id} was answered before {late.Id} was asked, and stands behind it");
        return faults;
    }

    /// <summary>Amount at the fullest instant, by adding up hour by hour.</summary>
    private static long MostBooked(ReservationBook book)
    {
        var start = book.All.Min(item => item.From);
        return Enumerable.Range(0, Hours).Max(hour =>
            book.All.Where(item => item.HoldsAt(start.AddHours(hour))).Sum(item => (long)item.Accelerators));
    }
}
