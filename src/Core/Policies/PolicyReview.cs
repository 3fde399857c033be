using System.Globalization;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Finds rules that are sound by themselves and senseless together: one that decides nothing beside another, two that
/// nothing can satisfy both, and one that no declared place satisfies. The server takes such a set; a reviewer should
/// not.
/// </summary>
public sealed record PolicyReview
{
    /// <summary>Rules that are shadowed, and rules that contradict each other.</summary>
    public required Seq<Problem> Errors { get; init; }

    /// <summary>Rules that no declared place satisfies on the day.</summary>
    public required Seq<Problem> Warnings { get; init; }

    /// <summary>Reviews files that parse without a problem; others give an empty review.</summary>
    public static PolicyReview At(IReadOnlyCollection<SourceFile> files, Fleet fleet, DateOnly today)
    {
        if (!PolicyFiles.Parse(files, fleet).IsValid) return new PolicyReview { Errors = [], Warnings = [] };
        var waived = PolicyFiles.Draft(files).Waivers.Select(file => file.Value!).ToList();
        var rules = PolicyFiles.Draft(files).Policies.SelectMany(file => Rules(file)).ToList();
        var strict = rules.FindAll(rule => rule.Policy.Enforcement == Enforcement.Mandatory
            && !waived.Exists(waiver => waiver.Policy == rule.Policy.Id && waiver.Rules.Contains(rule.Rule.Rule)));
        var errors = rules.SelectMany(rule => Shadow(rule, strict, fleet))
            .Concat(Conflicts(strict, fleet));
        return new PolicyReview { Errors = errors.ToSeq(), Warnings = Unsatisfied(rules, fleet, today).ToSeq() };
    }

    private static IEnumerable<Reviewed> Rules(FileDraft<Policy> file)
    {
        var policy = file.Value!;
        if (policy.Enforcement == Enforcement.Disabled) yield break;
        for (var index = 0; index < policy.Rules.Count; index++)
            yield return new Reviewed(file, policy, policy.Rules[index], $"rules[{index}]");
    }

    private static IEnumerable<Problem> Shadow(Reviewed rule, List<Reviewed> strict, Fleet fleet)
    {
        var by = strict.Find(other => !ReferenceEquals(other, rule) && IsShadowedBy(rule, other, fleet)
            // Of two that say the same the later one decides nothing.
            && (!IsShadowedBy(other, rule, fleet) || IsBefore(other, rule)));
        if (by is null) yield break;
        yield return rule.Problem("rule-shadowed", $"decides nothing: {by.Name} at {by.Place} already "
            + $"{(by.Rule is LawRule ? "denies" : "demands")} all that {rule.Name} would, for the same work and days");
    }

    private static bool IsShadowedBy(Reviewed rule, Reviewed by, Fleet fleet) =>
        by.Policy.Match.Covers(rule.Policy.Match)
        && Covers(by.Policy, rule.Policy)
        && rule.Rule.IsImpliedBy(by.Rule, fleet);

    private static bool IsBefore(Reviewed one, Reviewed other) =>
        (one.Policy.Id, one.Path).CompareTo((other.Policy.Id, other.Path)) < 0;

    /// <summary>Whether one holds on every day of the other.</summary>
    private static bool Covers(Policy outer, Policy inner) =>
        outer.ValidFrom <= inner.ValidFrom && (outer.ValidTo is not { } last || inner.ValidTo <= last);

    private static bool Meet(Policy one, Policy other) =>
        (one.ValidTo is not { } first || other.ValidFrom <= first)
            && (other.ValidTo is not { } last || one.ValidFrom <= last);

    /// <summary>Pairs of rules about where, for some work on some day, that leave no country for it.</summary>
    private static IEnumerable<Problem> Conflicts(List<Reviewed> strict, Fleet fleet)
    {
        var countries = fleet.Catalog.Jurisdictions.Where(item => !item.Group).Select(item => item.Id).ToList();
        for (var later = 1; later < strict.Count; later++)
        {
            for (var earlier = 0; earlier < later; earlier++)
            {
                var (one, other) = (strict[earlier], strict[later]);
                if (!Meet(one.Policy, other.Policy) || !Nest(one.Policy.Match, other.Policy.Match)) continue;
                if (!Exclude(one.Rule, other.Rule, countries, fleet)) continue;
                yield return other.Problem("rule-conflict", $"{other.Name} and {one.Name} at {one.Place} exclude each "
                    + "other: no country satisfies both, so work that both match has no place");
            }
        }
    }

    private static bool Nest(PolicyMatch one, PolicyMatch other) => one.Covers(other) || other.Covers(one);

    private static bool Exclude(PolicyRule one, PolicyRule other, List<JurisdictionId> countries, Fleet fleet) =>
        Allows(one, countries[0], fleet) is not null && Allows(other, countries[0], fleet) is not null
        && countries.Exists(country => Allows(one, country, fleet) == true)
        && countries.Exists(country => Allows(other, country, fleet) == true)
        && !countries.Exists(country => Allows(one, country, fleet) == true && Allows(other, country, fleet) == true);

    /// <summary>Whether a site may stand in a country; null when the rule is not about that.</summary>
    private static bool? Allows(PolicyRule rule, JurisdictionId country, Fleet fleet)
    {
        return rule switch
        {
            ResidencyRule residency => (residency.Allow.Count == 0 || residency.Allow.Any(Holds))
                && !residency.Deny.Any(Holds),
            LocalisationRule localisation => localisation.Allow.Any(Holds),
            _ => null,
        };

        bool Holds(JurisdictionId place) => fleet.LiesIn(country, place);
    }

    private static IEnumerable<Problem> Unsatisfied(List<Reviewed> rules, Fleet fleet, DateOnly today)
    {
        var asOf = new DateTimeOffset(today, TimeOnly.MinValue, TimeSpan.Zero);
        var index = new LawIndex(fleet, asOf);
        var nobody = new LawSubject { Tenant = new("any"), DataClass = new("any"),
            Kind = Workloads.WorkloadKind.Service };
        foreach (var rule in rules.Where(rule => rule.Policy.HoldsOn(today)))
        {
            if (rule.Rule is not LawRule { LooksAtSubject: false } law || law.Compile(index, nobody).Count > 0)
                continue;
            yield return rule.Problem("rule-unreachable", string.Create(CultureInfo.InvariantCulture,
                $"no declared place satisfies {rule.Name} on {today:yyyy-MM-dd}, so work that it matches has no "
                + $"place"));
        }
    }

    private sealed record Reviewed(FileDraft<Policy> File, Policy Policy, PolicyRule Rule, string Path)
    {
        public string Name => $"{Policy.Id}/{Rule.Rule}";

        public string Place => File.Place(Path);

        public Problem Problem(string slug, string message) => File.ProblemAt(slug, Path, message);
    }
}
