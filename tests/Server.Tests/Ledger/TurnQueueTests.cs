using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Tests.Ledger;

public sealed class TurnQueueTests
{
    private static readonly QueueOwner noisy = new(true, "noisy");
    private static readonly QueueOwner quiet = new(true, "quiet");

    [Fact]
    public void Who_has_little_waiting_comes_in_the_next_turn_and_everybodys_order_stays()
    {
        var queue = new TurnQueue<int>(10_000, 5_000);
        for (var number = 0; number < 2_000; number++) queue.Add(noisy, [number]);
        queue.Add(quiet, [-1]);
        queue.Add(quiet, [-2]);
        var (first, second) = (new List<int>(), new List<int>());

        queue.Take(first, 8_000);
        queue.Take(second, 8_000);

        Assert.Equal([.. Enumerable.Range(0, TurnQueue<int>.MostInTurn), -1, -2], first);
        Assert.Equal(Enumerable.Range(TurnQueue<int>.MostInTurn, 2_000 - TurnQueue<int>.MostInTurn), second);
    }

    [Fact]
    public async Task One_owner_cannot_take_all_the_room_and_what_waits_is_taken_also_at_the_end()
    {
        var queue = new TurnQueue<int>(mostWaiting: 4, mostOfOne: 3);

        var added = Enumerable.Range(0, 4).Select(number => queue.Add(noisy, [number]) == 1).ToArray();
        var others = (queue.Add(quiet, [9]) == 1, queue.Add(quiet, [9]) == 1);
        queue.Complete();
        var late = queue.Add(quiet, [9]) == 1;
        var (waited, taken) = (await queue.WaitAsync(), new List<int>());
        queue.Take(taken, 10);

        Assert.Equal([true, true, true, false], added);
        Assert.Equal(((true, false), false, true), (others, late, waited));
        Assert.Equal([0, 1, 2, 9], taken);
        Assert.False(await queue.WaitAsync());
    }

    [Fact]
    public async Task What_many_add_while_one_takes_is_all_taken_once()
    {
        var queue = new TurnQueue<int>(100_000, 100_000);
        var adding = Task.WhenAll(Enumerable.Range(0, 8).Select(owner => Task.Run(() =>
        {
            for (var number = 0; number < 1_000; number++)
                Assert.Equal(1, queue.Add(new QueueOwner(true, $"{owner}"), [(owner * 1_000) + number]));
        })));
        var taken = new List<int>();
        var taking = Task.Run(async () =>
        {
            while (await queue.WaitAsync())
            {
                var batch = new List<int>();
                queue.Take(batch, 50);
                taken.AddRange(batch);
            }
        });

        await adding;
        queue.Complete();
        await taking;

        Assert.Equal(Enumerable.Range(0, 8_000), taken.Order());
    }
}
