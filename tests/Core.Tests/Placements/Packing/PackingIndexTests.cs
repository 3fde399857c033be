using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements.Packing;

namespace ControlPlane.Core.Tests.Placements.Packing;

public sealed class PackingIndexTests
{
    [Theory]
    [InlineData("firstfit")]
    [InlineData("bestfit")]
    [InlineData("fgd")]
    [InlineData("ours")]
    [InlineData("sparing")]
    public void The_index_finds_the_node_that_a_full_scan_finds_while_units_come_and_go(string name)
    {
        Seeds.ForEach(20, dice =>
        {
            // More than one block of nodes at times, and at times so few that a kind misses more changes than are kept.
            var world = new RandomNodes(dice, dice.Int(20, 600));
            var rule = RuleOf(name, world);
            var index = new PackingIndex(world.Nodes, rule);
            var scan = new PackingScan(world.Nodes, rule);
            for (var step = 0; step < 400; step++)
            {
                var kind = world.AnyKind();
                var found = index.Find(kind);

                Assert.Equal(scan.Find(kind), found);
                if (found >= 0)
                {
                    world.Put(step, kind, found, rule);
                    index.Changed(found);
                }

                if (dice.Chance(25) && world.RemoveOne() is { } node) index.Changed(node);
            }

            Assert.True(world.IsSound());
        });
    }

    private static PackingRule RuleOf(string name, RandomNodes world) => name switch
    {
        "firstfit" => new FirstFitRule(),
        "bestfit" => new BestFitRule(),
        "fgd" => new FragmentationRule(world.Mix),
        "sparing" => new SparingRule(new LeftoverRule(world.Nodes, world.Mix), isKeeping: true),
        _ => new LeftoverRule(world.Nodes, world.Mix),
    };
}
