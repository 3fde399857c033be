using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements.Packing;

namespace ControlPlane.Core.Tests.Placements.Packing;

public sealed class DefragmenterTests
{
    [Fact]
    public void Each_move_finds_its_room_free_when_its_turn_comes_and_what_it_brings_fits()
    {
        Seeds.ForEach(20, dice =>
        {
            var (world, waiting, rule) = Full(dice);
            var before = Enumerable.Range(0, world.Nodes.Count)
                .Select(node => new NodeLeft(world.Nodes, node)).ToList();
            var idle = Idle(world.Nodes);

            var moves = new Defragmenter(world.Nodes, rule, world.Placed, waiting).Plan(10);

            Assert.True(moves.Count <= 10);
            Assert.Equal(idle - moves.Sum(move => move.GainMilli), Idle(world.Nodes));
            Assert.All(moves, move => Assert.Equal(move.GainMilli, move.Served.Sum(unit => unit.Kind.TotalMilli)));
            var replay = new Replay(before, world.Placed, waiting);
            foreach (var step in moves.GroupBy(move => move.Step)) replay.Do([.. step]);
            Assert.True(replay.IsAt(world.Nodes));
        });
    }

    [Fact]
    public void Brings_most_of_what_any_moves_could_and_never_more()
    {
        long planned = 0, most = 0;
        Seeds.ForEach(1000, dice =>
        {
            var few = new FewAccelerators(dice, [110, 160, 230, 320, 470, 650, 810], models: dice.Int(1, 2));
            var now = few.MostMilli(0);
            var allowed = dice.Int(1, 3);
            var possible = few.MostMilli(allowed) - now;

            var moves = new Defragmenter(few.Nodes, new FirstFitRule(), few.Placed, few.Waiting).Plan(allowed);

            Assert.True(moves.Count <= allowed);
            var gain = moves.Sum(move => move.GainMilli);
            Assert.True(gain <= possible, $"{gain} of {possible}: {few}");
            (planned, most) = (planned + gain, most + possible);
        });
        // What needs two units to leave one place, each for another, is not looked for.
        Assert.True(planned * 4 >= most * 3, $"{planned} of {most}");
    }

    [Fact]
    public void Gathers_in_one_place_what_is_idle_in_two_and_too_little_in_each()
    {
        var nodes = new PackingNodes([new NodeShape(64_000, 65_536, 1, 0), new NodeShape(64_000, 65_536, 1, 0)]);
        var units = new List<PackedUnit>();
        foreach (var (node, share) in new[] { (0, 470), (0, 320), (1, 470), (1, 320) })
        {
            units.Add(new PackedUnit(units.Count, Share(share), node, 1));
            nodes.Take(node, Share(share), 1);
        }

        var moves = new Defragmenter(nodes, new FirstFitRule(), units, [Share(320), Share(650)]).Plan(2);

        Assert.Equal([(3, 0, 0), (0, 1, 320)], moves.Select(move => (move.From.Id, move.To.Node, move.GainMilli)));
        Assert.Equal([new PackedUnit(PackedUnit.Waited, Share(320), 0, 1)], moves[1].Served);
        Assert.Equal((40, 60), (nodes.IdleMilli(0), nodes.IdleMilli(1)));
    }

    [Fact]
    public void Moves_work_without_accelerators_off_a_node_whose_accelerator_waits_for_CPU()
    {
        var nodes = new PackingNodes([new NodeShape(16_000, 65_536, 1, 0), new NodeShape(16_000, 65_536, 0, 0)]);
        var cpuOnly = new PackingKind(12_000, 1024, 0, 0, PackingKind.AnyModel);
        var whole = new PackingKind(8_000, 1024, 1, 0, PackingKind.AnyModel);
        nodes.Take(0, cpuOnly, 0);
        var unit = new PackedUnit(7, cpuOnly, 0, 0);

        var moves = new Defragmenter(nodes, new FirstFitRule(), [unit], [whole]).Plan(1);

        var move = Assert.Single(moves);
        Assert.Equal((unit, unit with { Node = 1 }, 1000), (move.From, move.To, move.GainMilli));
        Assert.Equal(new PackedUnit(-1, whole, 0, 1), Assert.Single(move.Served));
    }

    [Fact]
    public void Exchanges_units_with_equal_accelerators_when_one_starves_its_node_of_CPU()
    {
        var nodes = new PackingNodes([new NodeShape(16_000, 65_536, 2, 0), new NodeShape(64_000, 65_536, 1, 0)]);
        var greedy = new PackingKind(14_000, 1024, 1, 0, PackingKind.AnyModel);
        var modest = new PackingKind(2_000, 1024, 1, 0, PackingKind.AnyModel);
        var waiting = new PackingKind(8_000, 1024, 1, 0, PackingKind.AnyModel);
        nodes.Take(0, greedy, 1);
        nodes.Take(1, modest, 1);

        var moves = new Defragmenter(
            nodes, new FirstFitRule(), [new(1, greedy, 0, 1), new(2, modest, 1, 1)], [waiting]).Plan(2);

        Assert.Equal([(2, 0, 0), (1, 1, 1000)], moves.Select(move => (move.From.Id, move.To.Node, move.GainMilli)));
        Assert.Empty(new Defragmenter(nodes, new FirstFitRule(), [], [waiting]).Plan(1));
    }

    private static (RandomNodes World, List<PackingKind> Waiting, PackingRule Rule) Full(Dice dice)
    {
        var world = new RandomNodes(dice, 60);
        var rule = new LeftoverRule(world.Nodes, world.Mix);
        var scan = new PackingScan(world.Nodes, rule);
        var waiting = new List<PackingKind>();
        for (var id = 0; id < 900; id++)
        {
            var kind = world.AnyKind();
            if (scan.Find(kind) is var node and >= 0) world.Put(id, kind, node, rule);
            else waiting.Add(kind);
        }

        return (world, waiting, rule);
    }

    private static PackingKind Share(int milli) => new(1000, 1024, 0, milli, PackingKind.AnyModel);

    private static long Idle(PackingNodes nodes) =>
        Enumerable.Range(0, nodes.Count).Sum(node => (long)nodes.IdleMilli(node));
}
