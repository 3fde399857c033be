using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>Makes random problems of finding new places.</summary>
internal static class RandomReplan
{
    public static ReplanProblem Of(Dice dice, int targets, int items, int largest)
    {
        var problem = new ReplanProblem();
        for (var target = 0; target < targets; target++)
            problem.AddTarget(dice.Chance(10) ? 0 : dice.Int(0, items * largest / targets));
        while (items > 0)
        {
            var count = dice.Int(1, Math.Min(items, 6));
            items -= count;
            var sizes = Enumerable.Range(0, count).Select(_ => (long)dice.Int(1, largest)).ToList();
            var open = dice.Some([.. Enumerable.Range(0, targets)], targets);
            problem.AddClass(dice.Int(0, 3), sizes, [.. open.Select(target => new ReplanArc(target, dice.Int(0, 20)))]);
        }

        return problem;
    }
}
