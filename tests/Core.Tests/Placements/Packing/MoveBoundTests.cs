using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements.Packing;

namespace ControlPlane.Core.Tests.Placements.Packing;

public sealed class MoveBoundTests
{
    private static readonly int[] Shares = [60, 110, 160, 190, 230, 320, 470, 650, 810, 900];

    [Fact]
    public void No_moves_whatever_they_are_reach_more_than_the_bound()
    {
        var tight = 0;
        Seeds.ForEach(100, dice =>
        {
            var few = new FewAccelerators(dice, Shares, models: 2);
            for (var moves = 0; moves <= 2; moves++)
            {
                var bound = MoveBound.MostMilli(few.Nodes, few.Placed, few.Waiting, moves);

                var most = few.MostMilli(moves);

                Assert.True(most <= bound, $"{moves} moves reach {most}, more than {bound}: {few}");
                if (most == bound && bound < few.Nodes.InstalledMilli) tight++;
            }
        });
        Assert.True(tight > 0);
    }

    [Fact]
    public void Counts_what_large_shares_leave_and_all_pieces_but_one_for_each_move()
    {
        var nodes = new PackingNodes([.. Enumerable.Repeat(new NodeShape(64_000, 65_536, 1, 0), 4)]);
        var units = new List<PackedUnit>();
        foreach (var (node, share) in new[] { (0, 810), (1, 900), (2, 870), (3, 50) })
        {
            var kind = new PackingKind(1000, 1024, 0, share, PackingKind.AnyModel);
            nodes.Take(node, kind, 1);
            units.Add(new PackedUnit(units.Count, kind, node, 1));
        }

        var whole = new PackingKind(1000, 1024, 1, 0, PackingKind.AnyModel);
        var most = MoveBound.MostMilli(nodes, units, [whole], 1);

        // 190 + 100 + 130 are left by large shares, of which the small one fills 50; the last accelerator may be full.
        Assert.Equal(4000 - 370, most);
    }
}
