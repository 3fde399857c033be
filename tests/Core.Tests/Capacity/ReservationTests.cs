using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

public sealed class ReservationTests
{
    private static readonly DateTimeOffset now = RandomFleet.Day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);

    [Fact]
    public void The_peak_is_what_adding_up_minute_by_minute_finds()
    {
        Seeds.ForEach(300, dice =>
        {
            var reservations = Enumerable.Range(0, dice.Int(1, 6)).Select(_ => Any(dice)).ToList();
            var used = dice.Int(0, 4) * 1000L;

            var (milli, at) = ReservationBook.Peak(reservations, (now, DateTimeOffset.MaxValue), _ => used);

            long At(DateTimeOffset instant) => reservations.Where(item => item.HoldsAt(instant))
                .GroupBy(item => item.Tenant)
                .Sum(own => Math.Max(0, own.Sum(item => item.AcceleratorMilli) - used));
            Assert.Equal(milli, At(at));
            Assert.Equal(milli, Enumerable.Range(0, 24 * 25 * 2).Max(half => At(now.AddMinutes(30 * half))));
        });
    }

    [Fact]
    public void No_decision_takes_what_is_reserved_for_others_and_owners_find_their_room()
    {
        var met = 0;
        Seeds.ForEach(300, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Small, placements: dice.Int(0, 6));
            var pool = world.World.Fleet.Pools.FirstOrDefault(pool =>
                pool.Sku is not null && pool.Site.Spec.Status == SiteStatus.Active);
            if (pool is null) return;
            var reservation = Any(dice) with
            {
                Tenant = new("owner"), Region = pool.Region.Id, Sku = pool.Sku!.Id, From = world.AsOf.AddDays(-1),
                Until = world.AsOf.AddDays(1), Repeat = ReservationRepeat.Once, RepeatUntil = null, Lendable = false,
            };
            if (ReservedRoom.ShortageOf(world.World, reservation, world.AsOf).ShortMilli > 0) return;
            world.World.Reservations = world.World.Reservations.With(reservation);

            for (var index = 0; index < 8; index++)
                world.TryPlace(RandomRequest.Of(dice, world.World.Fleet), new DecisionId(dice.Guid()), hold: false);

            var free = world.World.Fleet.Pools
                .Where(item => item.Region.Id == reservation.Region && item.Sku?.Id == reservation.Sku
                    && item.Site.Spec.Status == SiteStatus.Active)
                .Sum(item => world.World.Nodes.FreeAcceleratorMilli(item.Index));
            Assert.True(free >= reservation.AcceleratorMilli, $"{free} of {reservation.AcceleratorMilli} are left");
            met++;
        });
        Assert.True(met > 50, $"only {met} were met");
    }

    [Fact]
    public void Lent_room_is_back_when_its_window_comes_and_no_sooner_than_its_bound_and_no_more_ends_than_must()
    {
        var (met, owners) = (0, 0);
        Seeds.ForEach(400, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Small, placements: 0);
            var pool = world.World.Fleet.Pools.FirstOrDefault(pool =>
                pool.Sku is not null && pool.Site.Spec.Status == SiteStatus.Active);
            if (pool is null) return;
            var window = world.AsOf.AddHours(dice.Int(1, 48));
            var bound = TimeSpan.FromSeconds(dice.Int(1, 3_000));
            var reservation = Any(dice) with
            {
                Tenant = RandomRequest.Of(dice, world.World.Fleet).Tenant, Region = pool.Region.Id, Sku = pool.Sku!.Id,
                From = window, Until = window.AddHours(1), Repeat = ReservationRepeat.Once, RepeatUntil = null,
                Lendable = true, RecallSeconds = (int)bound.TotalSeconds,
            };
            if (ReservedRoom.ShortageOf(world.World, reservation, world.AsOf).ShortMilli > 0) return;
            world.World.Reservations = world.World.Reservations.With(reservation);
            for (var index = 0; index < 20; index++)
            {
                var request = RandomRequest.Of(dice, world.World.Fleet);
                if (dice.Int(0, 3) > 0)
                    request = request with { Labels = [new(ReservationBook.PreemptibleLabel, "true")] };
                world.TryPlace(request, new DecisionId(dice.Guid()), hold: false);
            }

            Assert.Empty(ReservedRoom.Recalled(world.World, window - bound - TimeSpan.FromSeconds(1)));

            var due = window - (bound * (dice.Int(0, 100) / 100.0));
            var recalled = ReservedRoom.Recalled(world.World, due).Select(id => world.World.Find(id)!).ToList();
            foreach (var placement in recalled)
            {
                Assert.True(Short(world.World, reservation) > 0, "more ended than had to");
                Assert.True(ReservationBook.IsPreemptible(placement.Request));
                world.World.Remove(placement.Id);
            }

            Assert.True(Short(world.World, reservation) <= 0, "the owner does not find the room");
            if (recalled.Count > 0) met++;
            if (recalled.Count > 0 && Own(world.World, reservation) > 0) owners++;
        });
        Assert.True(met > 20 && owners > 5, $"{met} recalled, {owners} of them where the owner ran work itself");
    }

    /// <summary>Thousandths that are missing for what is reserved, beside what its owner runs there.</summary>
    private static long Short(World world, Reservation reservation) =>
        reservation.AcceleratorMilli - Own(world, reservation) - world.Fleet.Pools
            .Where(pool => pool.Region.Id == reservation.Region && pool.Sku?.Id == reservation.Sku
                && pool.Site.Spec.Status == SiteStatus.Active)
            .Sum(pool => world.Nodes.FreeAcceleratorMilli(pool.Index));

    private static long Own(World world, Reservation reservation) => Math.Min(
        reservation.AcceleratorMilli,
        world.Placements.Where(item => item.Request.Tenant == reservation.Tenant)
            .SelectMany(item => item.Units.Select(unit => (unit, Milli: (long)item.Request.Unit.AcceleratorMilli)))
            .Where(item => world.Fleet.FindPool(item.unit.Node.Pool) is { } pool
                && pool.Region.Id == reservation.Region && pool.Sku?.Id == reservation.Sku)
            .Sum(item => item.Milli));

    private static Reservation Any(Dice dice)
    {
        var from = now.AddHours(dice.Int(0, 24 * 6));
        var repeat = (ReservationRepeat)dice.Int(0, 2);
        return new Reservation
        {
            Id = new ReservationId(dice.Guid()), Tenant = new($"tenant-{dice.Int(0, 2)}"), Name = "any",
            Region = new("r"), Sku = new("s"), Accelerators = dice.Int(1, 9), From = from,
            Until = from.AddHours(dice.Int(1, 23)), Repeat = repeat,
            RepeatUntil = repeat == ReservationRepeat.Once ? null : from.AddDays(dice.Int(1, 15)),
        };
    }
}
