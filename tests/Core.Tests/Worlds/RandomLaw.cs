using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Worlds;

/// <summary>Random policies, and random subjects for them.</summary>
internal static class RandomLaw
{
    public static readonly Seq<TenantId> Tenants = [new("t1"), new("t2")];
    public static readonly Seq<DataClassId> DataClasses = [new("health"), new("public")];

    private static readonly Seq<string> Keys = ["env", "team"];
    private static readonly Seq<string> Values = ["a", "b"];

    /// <summary>Up to so many policies, of whose rules this percentage is about capacity.</summary>
    public static PolicySet Policies(Dice dice, Fleet fleet, int most, int percentCapacity)
    {
        var policies = Enumerable.Range(0, dice.Int(0, most))
            .Select(index => Policy(dice, fleet, $"p{index}", percentCapacity))
            .ToSeq();
        return new()
        {
            Policies = policies,
            Waivers = RandomRules.Waivers(dice, fleet, policies),
            Preferences = Preferences(dice),
            Digest = "random",
        };
    }

    private static Preferences Preferences(Dice dice)
    {
        var plain = new Preferences
        {
            Price = dice.Int(0, 100), Carbon = dice.Int(0, 100), Latency = dice.Int(0, 100), Home = dice.Int(0, 100),
            Packing = dice.Int(0, 100), Spread = dice.Int(0, 100), Waste = dice.Int(0, 100),
        };
        // One set in four expects some work.
        return plain with { ExpectedWork = plain.Packing % 4 == 0 ? Expected(plain.Price) : [] };
    }

    /// <summary>Some expected work, another for each number.</summary>
    public static Seq<ExpectedWork> Expected(int number) =>
    [
        new() { Weight = 40, Accelerators = 1, CpuMilli = 2_500 },
        new() { Weight = 1 + (number % 30), Accelerators = 4, CpuMilli = 9_000 },
        new() { Weight = 20, ShareMilli = 500, CpuMilli = 1_000 },
        new() { Weight = 1 + (number % 7), ShareMilli = 334, CpuMilli = 500 },
        new() { Weight = 1 + (number % 11), CpuMilli = 4_000 },
    ];

    private static Policy Policy(Dice dice, Fleet fleet, string id, int percentCapacity)
    {
        var (from, to) = (RandomFleet.NearDay(dice), dice.Chance(50) ? RandomFleet.NearDay(dice) : (DateOnly?)null);
        return new Policy
        {
            Id = new(id), Because = "It is so.", Source = new() { Law = "Law" }, Owner = "owner",
            ValidFrom = to < from ? to.Value : from, ValidTo = to < from ? from : to,
            Enforcement = dice.Pick(
                Enforcement.Mandatory,
                Enforcement.Mandatory,
                Enforcement.Mandatory,
                Enforcement.Advisory,
                Enforcement.Disabled),
            Match = Match(dice),
            Rules = Enumerable.Range(0, dice.Int(1, 2))
                .Select(index => Rule(dice, fleet, $"rule-{index}", percentCapacity))
                .ToSeq(),
        };
    }

    private static PolicyRule Rule(Dice dice, Fleet fleet, string name, int percentCapacity)
    {
        if (!dice.Chance(percentCapacity)) return RandomRules.LawRule(dice, fleet, name);
        return dice.Chance(50) ? Reserve(dice, fleet, name) : Quota(dice, fleet, name);
    }

    private static CapacityReserveRule Reserve(Dice dice, Fleet fleet, string name) => new()
    {
        Rule = name, Percent = dice.Pick(1, 10, 25, 50, 99), Over = dice.Pick(CapScope.Site, CapScope.Region),
        Skus = dice.Chance(30) ? SomeSkus(dice, fleet) : [], OpenFromPriority = dice.Chance(30) ? 500 : null,
    };

    private static QuotaRule Quota(Dice dice, Fleet fleet, string name)
    {
        var over = dice.Pick(QuotaScope.All, QuotaScope.Region);
        return new()
        {
            Rule = name, Over = over, Accelerators = dice.Chance(70) ? dice.Int(0, 12) : null,
            CpuMilli = dice.Chance(30) ? dice.Int(4, 40) * 1000L : null,
            MemoryMib = dice.Chance(20) ? dice.Int(4, 40) * 1024L : 65_536,
            Regions = over == QuotaScope.Region && dice.Chance(50)
                ? dice.AtLeastOne([.. fleet.Regions.Select(region => region.Id)], 2)
                : [],
            Skus = dice.Chance(30) ? SomeSkus(dice, fleet) : [],
        };
    }

    private static Seq<SkuId> SomeSkus(Dice dice, Fleet fleet) =>
        dice.AtLeastOne([.. fleet.Skus.Select(sku => sku.Id)], 2);

    internal static PolicyMatch Match(Dice dice) => dice.Int(0, 6) switch
    {
        0 => new() { DataClasses = [dice.Pick(DataClasses)], Tenants = dice.Some(Tenants, 1) },
        1 => new() { WorkloadKinds = dice.AtLeastOne(Enum.GetValues<WorkloadKind>(), 2) },
        2 => new() { MatchLabels = [new() { Key = dice.Pick(Keys), Value = dice.Pick(Values) }] },
        3 => new() { MatchExpressions = [Expression(dice)], Tenants = dice.Some(Tenants, 1) },
        _ => new() { Everything = true },
    };

    private static LabelExpression Expression(Dice dice)
    {
        var comparison = dice.Pick(Enum.GetValues<LabelOperator>());
        var takesValues = comparison is LabelOperator.In or LabelOperator.NotIn;
        var pattern = comparison == LabelOperator.Matches ? dice.Pick("^a$", "b", "[ab]+") : null;
        return new()
        {
            Key = dice.Pick(Keys),
            Operator = comparison,
            Values = takesValues ? dice.AtLeastOne(Values, 2) : [], Pattern = pattern,
        };
    }

    public static Seq<Label> Labels(Dice dice) =>
        dice.Some(Keys, 2).Order(StringComparer.Ordinal).Select(key => new Label(key, dice.Pick(Values))).ToSeq();
}
