using System.Globalization;
using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>Finds power contracts whose phases are out of order or shrink.</summary>
internal static class PowerCheck
{
    private const string Slug = "power-phases";

    public static IEnumerable<Problem> Find(FleetDraft draft) => draft.All<PowerSpec>().SelectMany(Phases);

    private static IEnumerable<Problem> Phases(FilePart<PowerSpec> power)
    {
        var phases = power.Item.Phases;
        for (var index = 1; index < phases.Count; index++)
        {
            var (before, after) = ($"phases[{index - 1}].", $"phases[{index}].");
            var (earlier, later) = (phases[index - 1], phases[index]);
            if (power.Holds(before + "from", after + "from") && later.From <= earlier.From)
            {
                var (began, begins) = (Show(earlier.From), Show(later.From));
                yield return power.Problem(Slug, after + "from", $"is {begins}, not after {began} of the phase before");
            }

            if (power.Holds(before + "megawatts", after + "megawatts") && later.Megawatts < earlier.Megawatts)
            {
                var (was, becomes) = (Show(earlier.Megawatts), Show(later.Megawatts));
                yield return power.Problem(Slug, after + "megawatts", $"is {becomes} MW, less than {was} MW before");
            }
        }
    }

    private static string Show(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Show(decimal megawatts) => megawatts.ToString("0.###", CultureInfo.InvariantCulture);
}
