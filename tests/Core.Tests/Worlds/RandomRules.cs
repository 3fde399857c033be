using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Worlds;

/// <summary>Random rules of every kind that is about places.</summary>
internal static class RandomRules
{
    public static readonly Seq<string> Signers = ["ml-team", "vendor"];
    public static readonly Seq<string> Objectives = ["SOV-1", "SOV-2"];

    private static readonly Seq<JurisdictionId> Places = [.. RandomFleet.Countries, .. RandomFleet.Groups];

    public static LawRule LawRule(Dice dice, Fleet fleet, string name) => dice.Int(0, 12) switch
    {
        0 or 1 => Residency(dice, name),
        2 => OperatorControl(dice, name),
        3 => new KeyCustodyRule
        {
            Rule = name,
            AtLeast = dice.Pick(
                KeyCustodyLevel.CustomerManaged, KeyCustodyLevel.External, KeyCustodyLevel.CustomerHardware),
        },
        4 => Certification(dice, name),
        5 => new LocalisationRule { Rule = name, Allow = dice.AtLeastOne(Places, 4) },
        6 => Transfer(dice, name),
        7 => new PersonnelRule { Rule = name, ResideIn = dice.AtLeastOne(Places, 4) },
        8 => new SealRule
        {
            Rule = name,
            Minimum = dice.AtLeastOne(Objectives, 2)
                .Select(objective => new SealMinimum { Objective = objective, Level = dice.Int(1, 4) }).ToSeq(),
        },
        9 => ExportControl(dice, fleet, name),
        10 => new ProvenanceRule { Rule = name, Signers = dice.AtLeastOne(Signers, 2) },
        11 => new FreshnessRule { Rule = name, WithinDays = dice.Pick(1, 30, 90, 365) },
        _ => Latency(dice, fleet, name),
    };

    private static ResidencyRule Residency(Dice dice, string name)
    {
        var places = dice.AtLeastOne(Places, 4);
        var allowed = dice.Int(0, places.Count);
        return new() { Rule = name, Allow = places.Take(allowed).ToSeq(), Deny = places.Skip(allowed).ToSeq() };
    }

    private static OperatorControlRule OperatorControl(Dice dice, string name) => dice.Chance(50)
        ? new() { Rule = name, DenyAccessLaws = dice.AtLeastOne(RandomFleet.AccessLaws, 2) }
        : new()
        {
            Rule = name, SeatsIn = dice.AtLeastOne(Places, 4), DenyAccessLaws = dice.Some(RandomFleet.AccessLaws, 1),
        };

    private static CertificationRule Certification(Dice dice, string name) => dice.Chance(50)
        ? new()
        {
            Rule = name, AnyOf = dice.AtLeastOne(RandomFleet.Schemes, 2), AllOf = dice.Some(RandomFleet.Schemes, 1),
            SourcedOnly = dice.Chance(30),
        }
        : new() { Rule = name, AllOf = dice.AtLeastOne(RandomFleet.Schemes, 2), SourcedOnly = dice.Chance(30) };

    private static TransferRule Transfer(Dice dice, string name) => new()
    {
        Rule = name, From = dice.Chance(50) ? dice.Pick(Places) : null,
        Accept = dice.AtLeastOne(
            [TransferBasisKind.ContractClauses, TransferBasisKind.AdequacyPartial, TransferBasisKind.Adequacy], 3),
    };

    private static ExportControlRule ExportControl(Dice dice, Fleet fleet, string name)
    {
        var byModel = dice.Chance(50);
        return new()
        {
            Rule = name,
            Skus = byModel ? dice.AtLeastOne([.. fleet.Skus.Select(sku => sku.Id)], 2) : [],
            TotalProcessingPerformance = byModel && dice.Chance(50) ? null : dice.Pick(1_000, 4_800, 16_000, 100_000),
            AllowSites = dice.Chance(30) ? dice.AtLeastOne(Places, 4) : [],
            DenySites = dice.Chance(30) ? dice.AtLeastOne(Places, 1) : [],
            DenyControllers = dice.AtLeastOne(Places, 1),
            AllowTenants = dice.Chance(30) ? dice.AtLeastOne(Places, 4) : [],
            DenyTenants = dice.Chance(30) ? dice.AtLeastOne(Places, 1) : [],
        };
    }

    private static LatencyRule Latency(Dice dice, Fleet fleet, string name) => new()
    {
        Rule = name, AtMostMilliseconds = dice.Pick(0.5m, 50, 150, 400),
        To = dice.Chance(50) ? dice.AtLeastOne([.. fleet.Regions.Select(region => region.Id)], 2) : [],
    };

    /// <summary>Waivers of some rules of some of the policies, near the day.</summary>
    public static Seq<Waiver> Waivers(Dice dice, Fleet fleet, Seq<Policy> policies) => policies
        .Where(_ => dice.Chance(30))
        .Select(policy =>
        {
            var (first, last) = (RandomFleet.NearDay(dice), RandomFleet.NearDay(dice));
            return new Waiver
            {
                Id = new($"w-{policy.Id}"), Policy = policy.Id, Because = "It is being moved.", Owner = "owner",
                Rules = dice.AtLeastOne([.. policy.Rules.Select(rule => rule.Rule)], 2),
                Match = RandomLaw.Match(dice),
                Regions = dice.AtLeastOne([.. fleet.Regions.Select(region => region.Id)], 2),
                ValidFrom = first < last ? first : last, Expires = first < last ? last : first,
            };
        })
        .ToSeq();
}
