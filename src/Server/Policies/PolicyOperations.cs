using System.Text.Json;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Policies;

/// <summary>Declares the operations on policies.</summary>
internal static class PolicyOperations
{
    private const string Tag = "Policies";

    public static ApiOperation Show { get; } = new("getPolicies", Tag, "Show the policies in force")
    {
        Needs = Permission.PoliciesRead,
        Answers = [new(StatusCodes.Status200OK, typeof(PoliciesAnswer), "their digest and ids")],
    };

    public static ApiOperation ListSets { get; } = new(
        "listPolicySets", Tag, "List every activation of a set of policies, newest first")
    {
        Needs = Permission.PoliciesRead,
        Query = [QueryParameter.PageSize, QueryParameter.PageToken],
        Answers = [new(StatusCodes.Status200OK, typeof(PolicySetPage), "one page")],
        Problems = ApiProblems.OfListings,
    };

    public static ApiOperation ListFindings { get; } = new(
        "listPolicyFindings", Tag, "List what runs and is unlawful where it runs")
    {
        Needs = Permission.PoliciesRead,
        Description =
            "Everything that runs is held against the law whenever policies or regions change and when a day begins. A "
            + "finding is over when the placement ends, moves to a lawful place, or is lawful or waived again.",
        Query =
        [
            QueryParameter.PageSize, QueryParameter.PageToken,
            new QueryParameter("tenant", "Only those of a tenant.") { IsName = true },
            new QueryParameter("overdue", "true leaves only those whose last day is over.")
            {
                Choices = ["true", "false"],
            },
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(FindingPage), "one page")],
        Problems = [.. ApiProblems.OfListings, ProblemCatalog.ValueUnknown, ProblemCatalog.NameFormat],
    };

    public static ApiOperation Activate { get; } = new("activatePolicies", Tag, "Put a set of policies in force")
    {
        Needs = Permission.PoliciesWrite,
        IsOfWholeFleet = true,
        Description =
            "The set is judged against everything that runs before it is put in force. When more would become "
            + "unlawful than acceptUnlawful says, nothing changes and the answer is 409. An earlier set is "
            + "brought back by its digest or by sending its files: the same files are the same law. With regions the "
            + "set is in force there, ahead of the others: it judges places in them, and the other set judges all "
            + "other places; what is about a request as a whole binds as soon as either set says it. Without regions "
            + "it is in force everywhere. Sending what is in force changes nothing.",
        Body = new(typeof(ActivateBody), RequestLimits.BatchBodyBytes, [Example]),
        Answers = [new(StatusCodes.Status200OK, typeof(ActivationAnswer), "in force, or what would happen")],
        Problems =
        [
            .. ApiProblems.OfBodies, ProblemCatalog.OutOfRange, ProblemCatalog.TooMany,
            ProblemCatalog.PolicyInvalid, ProblemCatalog.PlacementsUnlawful, ProblemCatalog.Signature,
            ProblemCatalog.VersionConflict, ProblemCatalog.NotFound, ProblemCatalog.FieldConflict,
            ProblemCatalog.RegionsEmpty, ProblemCatalog.UnknownField, .. ApiProblems.OfChanges,
        ],
    };

    private static string Policy => JsonEncodedText.Encode("""
        schemaVersion: 1
        id: health-stays
        because: Health data stays in the EU.
        source: { law: GDPR }
        owner: data-protection
        validFrom: 2018-05-25
        enforcement: mandatory
        match: { dataClasses: [health] }
        rules:
          - { rule: in-the-eu, kind: residency, allow: [EU] }

        """).ToString();

    private static ApiExample Example => new("judged", "one policy, judged and not put in force", $$"""
        {
          "validateOnly": true,
          "files": [{ "path": "policies/health.yaml", "text": "{{Policy}}" }]
        }
        """);
}
