using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>Room was reserved.</summary>
public sealed record ReservationMade(Reservation Reservation) : LedgerEvent
{
    public override string Kind => "reservation-made";
}

/// <summary>A reservation was given up.</summary>
public sealed record ReservationEnded(ReservationId Id) : LedgerEvent
{
    public override string Kind => "reservation-ended";
}
