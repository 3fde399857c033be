using ControlPlane.Capacity;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Capacity;

/// <summary>Declares the operations on capacity reports.</summary>
internal static class CapacityOperations
{
    private const string Tag = "Capacity";

    private static readonly Seq<string> Views = Enum.GetNames<CapacityView>()
        .Select(name => name.ToLowerInvariant())
        .ToSeq();

    public static ApiOperation Capacity { get; } = new(
        "reportCapacity", Tag, "Report what is installed, sold, held, free and stranded")
    {
        Needs = Permission.CapacityRead,
        Description =
            "Usable is what some workload that runs today may lawfully use of what is free, with the power there is; "
            + "the rest of free is stranded, by its first cause.",
        Query = [new("by", "What the rows stand for; regions when left out.") { Choices = Views }],
        Answers = [new(StatusCodes.Status200OK, typeof(CapacityAnswer), "rows by name and model, and their sum")],
        Problems = [ProblemCatalog.ValueUnknown, ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Survival { get; } = new(
        "reportSurvival", Tag, "Report what would become of workloads if something were lost")
    {
        Needs = Permission.CapacityRead,
        Description =
            "All displaced work is planned at once, by priority, within the law, and taken node by node on a copy. "
            + "Nothing changes. Without a scenario each region is lost in turn, and each provider leaves.",
        Query =
        [
            new("scenario", $"usual, pairs, or one of: {string.Join("; ", ScenarioText.Forms)}. Left out: usual."),
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(SurvivalAnswer), "one report for each scenario")],
        Problems = [ProblemCatalog.ValueUnknown, ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable],
    };

    /// <summary>The view of a name that was checked at the edge.</summary>
    public static CapacityView ViewOf(string name) => (CapacityView)Views.ToList().IndexOf(name);
}
