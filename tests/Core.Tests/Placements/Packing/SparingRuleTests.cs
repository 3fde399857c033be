using ControlPlane.Placements.Packing;

namespace ControlPlane.Core.Tests.Placements.Packing;

public sealed class SparingRuleTests
{
    private static readonly PackingKind Half = new(1000, 1024, 0, 500, PackingKind.AnyModel);
    private static readonly PackingKind Whole = new(1000, 1024, 1, 0, PackingKind.AnyModel);

    [Fact]
    public void A_share_finds_room_only_beside_other_shares_once_few_accelerators_are_left()
    {
        var nodes = Nodes(2);
        var rule = new SparingRule(new FirstFitRule(), isKeeping: true);

        var (alone, whole) = (new PackingScan(nodes, rule).Find(Half), new PackingScan(nodes, rule).Find(Whole));
        nodes.Take(1, Half, 1);
        var beside = new PackingScan(nodes, rule).Find(Half);

        Assert.Equal((-1, 0, 1), (alone, whole, beside));
    }

    [Fact]
    public void Places_as_the_other_rule_while_enough_are_free()
    {
        var nodes = Nodes(8);
        var rule = new SparingRule(new FirstFitRule());

        var found = new PackingScan(nodes, rule).Find(Half);

        Assert.Equal(0, found);
        Assert.Equal([false, true], new[] { 2L, 1L }.Select(free => SparingRule.MustKeep(free, nodes)));
        Assert.Equal((false, true), (rule.IsKeeping, rule.Keeping().IsKeeping));
    }

    private static PackingNodes Nodes(int count) =>
        new([.. Enumerable.Repeat(new NodeShape(64_000, 65_536, 1, 0), count)]);
}
