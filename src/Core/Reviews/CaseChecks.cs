using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Reviews;

/// <summary>Finds what is wrong between the fields of a case file, and names that nothing has.</summary>
internal static class CaseChecks
{
    public static IEnumerable<Problem> Find(FileDraft<PolicyCases> draft, PolicySet policies, Fleet fleet)
    {
        foreach (var root in draft.Root())
        {
            var policy = root.Holds("policy") ? policies.Policies.FirstOrDefault(item => item.Id == root.Item.Policy)
                : null;
            if (root.Holds("policy") && policy is null)
            {
                yield return root.Problem("policy-unknown", "policy", $"no policy has the id '{root.Item.Policy}'"
                    + NearestName.Hint(root.Item.Policy.Value, policies.Policies.Select(item => item.Id.Value)));
            }

            foreach (var problem in Places(draft, root.Item, fleet)) yield return problem;
            foreach (var problem in Cases(draft, root.Item, (policy, fleet))) yield return problem;
            foreach (
                var problem in Duplicates(draft, "acceptedSurvivors", root.Item.AcceptedSurvivors
                .Select(item => item?.Mutant)))
                yield return problem;
        }
    }

    private static IEnumerable<Problem> Places(FileDraft<PolicyCases> draft, PolicyCases cases, Fleet fleet)
    {
        foreach (var problem in Duplicates(draft, "places", cases.Places.Select(place => place?.Place.Value)))
            yield return problem;
        foreach (var part in draft.All<PlaceFixture>())
        {
            var place = part.Item;
            if (part.Holds("place") && FixtureWorld.PoolsOf(fleet, place.Place.Value).Any())
                yield return part.Problem("duplicate-id", "place",
                    $"'{place.Place}' is declared in the regions; make up another name");
            if (part.Holds("country") && fleet.FindJurisdiction(place.Country) is null)
                yield return part.Problem("country-unknown", "country", $"jurisdiction '{place.Country}' is not known");
            if (part.Holds("operator") && fleet.FindEntity(place.Operator) is null)
            {
                yield return part.Problem("entity-unknown", "operator", $"legal entity '{place.Operator}' is not known"
                    + NearestName.Hint(place.Operator.Value, fleet.Catalog.LegalEntities
                        .Select(entity => entity.Id.Value)));
            }

            if (place.Sku is { } sku && part.Holds("sku") && fleet.FindSku(sku) is null)
            {
                yield return part.Problem("accelerator-unknown", "sku", $"accelerator '{sku}' is not known"
                    + NearestName.Hint(sku.Value, fleet.Skus.Select(item => item.Id.Value)));
            }

            for (var index = 0; index < place.Links.Count; index++)
            {
                if (place.Links[index] is { } link && !IsKnown(cases, fleet, link.To.Value))
                    yield return part.Problem("region-unknown", $"links[{index}].to",
                        $"no place or region is named '{link.To}'");
            }
        }
    }

    private static IEnumerable<Problem> Cases(FileDraft<PolicyCases> draft, PolicyCases cases,
        (Policy? Policy, Fleet Fleet) known)
    {
        foreach (var problem in Duplicates(draft, "cases", cases.Cases.Select(item => item?.Case)))
            yield return problem;
        foreach (var part in draft.All<PolicyCase>())
        {
            var item = part.Item;
            for (var index = 0; index < item.At.Count; index++)
            {
                if (item.At[index] is { } name && !IsKnown(cases, known.Fleet, name))
                    yield return Unknown(part, $"at[{index}]", name, (cases, known.Fleet));
            }

            var used = new Dictionary<string, int>(StringComparer.Ordinal);
            for (var index = 0; index < item.InUse.Count; index++)
            {
                if (item.InUse[index] is not { At: { } name } use) continue;
                used[name] = used.GetValueOrDefault(name) + use.Accelerators;
                if (UseProblem((name, used[name]), cases, known.Fleet) is { } why)
                    yield return part.Problem("place-unknown", $"inUse[{index}].at", $"'{name}' {why}");
            }

            if (item.Move?.From is { } from && !IsKnown(cases, known.Fleet, from))
                yield return Unknown(part, "move.from", from, (cases, known.Fleet));
            if (item.Workload?.HomeRegion is { } home && !IsKnown(cases, known.Fleet, home.Value))
                yield return part.Problem("region-unknown", "workload.homeRegion",
                    $"no place or region is named '{home}'");
            foreach (var problem in Expectation(part, known.Policy)) yield return problem;
        }
    }

    private static IEnumerable<Problem> Expectation(FilePart<PolicyCase> part, Policy? policy)
    {
        if (!part.Holds("expect")) yield break;
        var item = part.Item;
        var denies = item.Expect is ExpectedVerdict.Denied or ExpectedVerdict.Advised;
        if (denies && !part.Gives("rules"))
            yield return part.Problem("field-required", "rules",
                "is missing; name the rules that keep the workload out");
        if (!denies && (part.Gives("rules") || part.Gives("reason") || part.Gives("because")))
            yield return part.Problem("rule-conflict", "expect",
                "rules, reason and because go with denied and advised only");
        if (policy is null || !part.Holds("rules")) yield break;
        var names = policy.Rules.Select(rule => rule.Rule).ToList();
        for (var index = 0; index < item.Rules.Count; index++)
        {
            if (item.Rules[index] is { } name && !names.Contains(name))
                yield return part.Problem("rule-unknown", $"rules[{index}]",
                    $"{policy.Id} has no rule '{name}'{NearestName.Hint(name, names)}");
        }
    }

    private static Problem Unknown(FilePart<PolicyCase> part, string path, string name,
        (PolicyCases Cases, Fleet Fleet) known) =>
        part.Problem("place-unknown", path, $"no place, region, site, cluster or node pool is named '{name}'"
            + NearestName.Hint(name, known.Cases.Places.Select(place => place.Place.Value)
                .Concat(known.Fleet.Regions.Select(region => region.Id.Value))
                .Concat(known.Fleet.Sites.Select(site => site.Id.Value))));

    private static string? UseProblem((string At, int Accelerators) use, PolicyCases cases, Fleet fleet)
    {
        var place = cases.Places.FirstOrDefault(place => place?.Place.Value == use.At);
        var pool = FixtureWorld.PoolsOf(fleet, use.At).FirstOrDefault(pool => pool.Sku is not null);
        var installed = place is null ? pool?.AcceleratorMilli / 1000 : FixtureWorld.AcceleratorsOf(place);
        if (installed is not > 0) return "is no place with accelerators";
        return use.Accelerators > installed ? $"has {installed} accelerators only" : null;
    }

    private static bool IsKnown(PolicyCases cases, Fleet fleet, string name) =>
        cases.Places.Any(place => place?.Place.Value == name) || FixtureWorld.PoolsOf(fleet, name).Any();

    private static IEnumerable<Problem> Duplicates(FileDraft draft, string list, IEnumerable<string?> names)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, index) in names.Select((name, index) => (name, index)))
        {
            if (name is not null && !seen.TryAdd(name, index))
            {
                yield return draft.ProblemAt(
                    "duplicate-id", $"{list}[{index}]",
                        $"'{name}' is there already at {draft.Place($"{list}[{seen[name]}]")}");
            }
        }
    }
}
