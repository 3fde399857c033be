using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>The canonical form of reservations.</summary>
internal static class ReservationCodec
{
    public static void Write(CanonicalWriter writer, Reservation reservation)
    {
        writer.Id(new DecisionId(reservation.Id.Value));
        writer.Text(reservation.Tenant.Value);
        writer.Text(reservation.Name);
        writer.Text(reservation.Region.Value);
        writer.Text(reservation.Sku.Value);
        writer.Number(reservation.Accelerators);
        writer.Instant(reservation.From);
        writer.Instant(reservation.Until);
        writer.Number((long)reservation.Repeat);
        writer.Optional(reservation.RepeatUntil, writer.Instant);
        writer.Flag(reservation.Lendable);
        writer.Number(reservation.RecallSeconds);
    }

    public static Reservation Read(CanonicalReader reader) => new()
    {
        Id = new ReservationId(reader.Id().Value),
        Tenant = new TenantId(reader.Text()),
        Name = reader.Text(),
        Region = new RegionId(reader.Text()),
        Sku = new SkuId(reader.Text()),
        Accelerators = reader.Int(),
        From = reader.Instant(),
        Until = reader.Instant(),
        Repeat = reader.Enum<ReservationRepeat>(),
        RepeatUntil = reader.Optional(reader.Instant),
        Lendable = reader.Flag(),
        RecallSeconds = reader.Int(),
    };
}
