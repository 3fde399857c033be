using System.Globalization;

namespace ControlPlane.Core.Tests.Worlds;

/// <summary>
/// Runs a property on many seeded cases. A failure names its seed; CPLANE_SEED runs that one alone, and CPLANE_CASES
/// runs more or fewer of them.
/// </summary>
internal static class Seeds
{
    public static void ForEach(int cases, Action<Dice> property)
    {
        if (Number("CPLANE_SEED") is { } only)
        {
            property(new Dice(only));
            return;
        }

        var most = Number("CPLANE_CASES") ?? cases;
        for (var seed = 1; seed <= most; seed++)
        {
            try
            {
                property(new Dice(seed));
            }
            catch (Exception failure)
            {
                Assert.Fail($"seed {seed} (replay with CPLANE_SEED={seed}): {failure}");
            }
        }
    }

    private static int? Number(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : null;
}
