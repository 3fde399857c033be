using System.Globalization;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>Reads a scenario as people write it: the name that the scenario then has.</summary>
public static class ScenarioText
{
    private static readonly Seq<string> Kinds =
        ["region-lost", "site-lost", "provider-leaves", "operator-sold", "transfer-basis-ends", "power-slips"];

    /// <summary>Words that stand for many scenarios at once.</summary>
    public static Seq<string> Lists { get; } = ["usual", "pairs", "sales", "transfers", "delays", "all"];

    /// <summary>The scenarios of a word for many, which may be very many; null when it is none.</summary>
    public static IEnumerable<Scenario>? ListOf(string text, Fleet fleet, DateTimeOffset asOf) => text switch
    {
        "usual" => Scenario.Usual(fleet),
        "pairs" => Scenario.Pairs(fleet),
        "sales" => Scenario.Sales(fleet),
        "transfers" => Scenario.Transfers(fleet),
        "delays" => Scenario.Delays(fleet, asOf),
        "all" => Scenario.Usual(fleet).Concat(Scenario.Pairs(fleet)).Concat(Scenario.Sales(fleet))
            .Concat(Scenario.Transfers(fleet)).Concat(Scenario.Delays(fleet, asOf)),
        _ => null,
    };

    /// <summary>How each kind is written.</summary>
    public static Seq<string> Forms { get; } =
    [
        "region-lost REGION[+REGION...]", "site-lost SITE", "provider-leaves PROVIDER",
        "operator-sold ENTITY to JURISDICTION",
        "transfer-basis-ends JURISDICTION to JURISDICTION", "power-slips SITE by DAYS days",
    ];

    /// <summary>The scenario, or what is wrong with the text or with what it names in the fleet.</summary>
    /// <param name="text">Such as <c>region-lost de-stackit</c>.</param>
    /// <param name="fleet">The fleet it is about.</param>
    /// <param name="asOf">Power phases after this day slip.</param>
    public static Checked<Scenario> Parse(string text, Fleet fleet, DateTimeOffset asOf)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Scenario? scenario = words switch
        {
            ["region-lost", var regions] =>
                new RegionsLost(regions.Split('+').Select(id => new RegionId(id)).Distinct().ToSeq()),
            ["site-lost", var site] => new SiteLost(new(site)),
            ["provider-leaves", var provider] => new ProviderLeaves(provider),
            ["operator-sold", var entity, "to", var seat] => new OperatorSold(new(entity), new(seat)),
            ["transfer-basis-ends", var from, "to", var to] => new TransferBasisEnds(new(from), new(to)),
            ["power-slips", var site, "by", var days, "days"]
                when int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var count) =>
                new PowerSlips(new(site), count, DateOnly.FromDateTime(asOf.UtcDateTime)),
            _ => null,
        };
        if (scenario is null) return Checked<Scenario>.Invalid([Unreadable(text, words)]);
        var problems = scenario.Check(fleet).ToSeq();
        return problems.Count > 0 ? Checked<Scenario>.Invalid(problems) : Checked<Scenario>.Valid(scenario);
    }

    private static Problem Unreadable(string text, string[] words)
    {
        var kind = words.FirstOrDefault("");
        var form = Forms.FirstOrDefault(form => form.StartsWith(kind + " ", StringComparison.Ordinal));
        return form is not null && kind.Length > 0
            ? new Problem("value-unknown", "scenario", $"'{text}' must be written as {form}")
            : new Problem("value-unknown", "scenario",
                $"'{kind}' is no kind of scenario{NearestName.Hint(kind, Kinds.Concat(Lists))}; known are "
                    + $"{string.Join(", ", Kinds)}, and for many at once {string.Join(", ", Lists)}");
    }
}
