using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Failover;

/// <summary>Declares the operations on sites, plans and moves.</summary>
internal static class SitesOperations
{
    private const string Tag = "Sites and moves";
    private const int MostBodyBytes = 64 * 1024;

    public static readonly Seq<ProblemKind> OfBodies =
    [
        .. ApiProblems.OfBodies,
        ProblemCatalog.TooLong, ProblemCatalog.ValueUnknown, ProblemCatalog.StoreUnavailable,
        ProblemCatalog.OutcomeUnknown, ProblemCatalog.Busy,
    ];

    private static readonly Seq<ProblemKind> OfEvacuation =
    [
        ProblemCatalog.NotFound, ProblemCatalog.TooMany, ProblemCatalog.TenantForbidden,
        ProblemCatalog.OperatorResidency, ProblemCatalog.AgentBudget, ProblemCatalog.FieldConflict,
    ];

    private static readonly Seq<ApiExample> Maintenance =
        [new("maintenance", "for a maintenance", """{ "because": "maintenance of the cooling" }""")];

    public static ApiOperation List { get; } = new("listSiteConditions", Tag, "Show how sites are")
    {
        Needs = Permission.SitesRead,
        Description = "Sites that nothing is known about, because no agent ever came, are left out.",
        Answers = [new(StatusCodes.Status200OK, typeof(SiteConditions), "every site, and why judging is paused")],
        Problems = [ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Cordon { get; } = Verb("cordonSite", "Keep new work away from a site");

    public static ApiOperation Uncordon { get; } = Verb("uncordonSite", "Let work come to a site again");

    public static ApiOperation Drain { get; } = Verb("drainSite", "Keep new work away and move everything elsewhere");

    public static ApiOperation DeclareDead { get; } = Verb(
        "declareSiteDead", "State on the record that nothing runs at a site any more");

    public static ApiOperation IssueToken { get; } = new(
        "issueJoinToken", Tag, "Issue a token by which an agent may join as a site")
    {
        Needs = Permission.SitesOperate,
        PathId = PathIdForm.Name,
        Answers = [new(StatusCodes.Status200OK, typeof(JoinTokenAnswer), "the token; it is shown once")],
        Problems = [.. ApiProblems.OfIds, ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Plan { get; } = new("planEvacuation", Tag, "Plan what would leave sites or nodes")
    {
        Needs = Permission.MovesWrite,
        Description = "Nothing changes. The digest of the plan is what is approved.",
        Body = new ApiBody(typeof(PlanBody), MostBodyBytes,
            [new("one", "empty one site", """{ "sites": ["de-stackit-nsu"], "because": "cooling" }""")]),
        Answers = [new(StatusCodes.Status200OK, typeof(PlanAnswer), "where everything would go, and what would stay")],
        Problems = [.. OfBodies, .. OfEvacuation],
    };

    public static ApiOperation Evacuate { get; } = new("evacuateSite", Tag, "Empty one site, after a plan")
    {
        Needs = Permission.MovesWrite,
        Description = "Without a digest nothing changes and the plan is shown. With the digest of a plan that was "
            + "approved it is made again and done; when it differs in anything, nothing happens.",
        PathId = PathIdForm.Name,
        Body = new ApiBody(typeof(EvacuationBody), MostBodyBytes,
            [new("look", "look at the plan", """{ "because": "cooling" }""")]),
        Answers = [new(StatusCodes.Status200OK, typeof(PlanAnswer), "where everything goes, and what stays")],
        Problems = [.. ApiProblems.OfIds, .. OfBodies, .. OfEvacuation.Where(kind => kind != ProblemCatalog.NotFound),
            ProblemCatalog.PlanVoid],
    };

    public static ApiOperation Apply { get; } = new("applyPlan", Tag, "Empty sites or nodes as an approved plan says")
    {
        Needs = Permission.MovesWrite,
        Description = "The plan is made again; when it differs from what was approved in anything, nothing happens.",
        Body = new ApiBody(typeof(ApprovedPlanBody), MostBodyBytes,
        [
            new("one", "empty one site",
                """{ "sites": ["de-stackit-nsu"], "because": "cooling", "approve": "9f86d081884c7d65" }"""),
        ]),
        Answers = [new(StatusCodes.Status200OK, typeof(PlanAnswer), "the plan, which is under way")],
        Problems = [.. OfBodies, .. OfEvacuation, ProblemCatalog.PlanVoid],
    };

    public static ApiOperation Moves { get; } = new("listMoves", Tag, "List moves that are under way")
    {
        Needs = Permission.MovesRead,
        Answers = [new(StatusCodes.Status200OK, typeof(MovesAnswer), "ordered by placement")],
        Problems = [ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Stay { get; } = new("explainNoMove", Tag, "Say why a placement does not move")
    {
        Needs = Permission.MovesRead,
        PathId = PathIdForm.Uuid,
        Answers = [new(StatusCodes.Status200OK, typeof(StayAnswer), "the reason")],
        Problems = [.. ApiProblems.OfIds, ProblemCatalog.StoreUnavailable],
    };

    private static ApiOperation Verb(string id, string summary) => new(id, Tag, summary)
    {
        Needs = Permission.SitesOperate,
        Description = "Repeating it changes nothing more. Who said it and why is recorded.",
        PathId = PathIdForm.Name,
        Body = new ApiBody(typeof(StatementBody), MostBodyBytes, Maintenance),
        Answers = [new(StatusCodes.Status200OK, typeof(SiteConditionAnswer), "the site as it is then")],
        Problems = [.. ApiProblems.OfIds, .. OfBodies],
    };
}

/// <summary>Says why something is done to a site.</summary>
internal sealed record StatementBody
{
    [Description("Why; it is recorded with who said it. May be left out when a site is opened again.")]
    [MinLength(1), MaxLength(500)]
    public string? Because { get; init; }
}

/// <summary>Says why a site is emptied, and which plan was approved.</summary>
internal sealed record EvacuationBody
{
    [Description("Why; it is recorded with who said it. Needed with a digest.")]
    [MinLength(1), MaxLength(500)]
    public string? Because { get; init; }

    [Description("Digest of the plan that was looked at; left out, the plan is only shown.")]
    public string? Approve { get; init; }
}

/// <summary>Names sites or nodes to empty.</summary>
internal sealed record PlanBody
{
    [Description("Sites; either these or nodes.")]
    [MinLength(1), MaxLength(1_000)]
    public IReadOnlyList<string>? Sites { get; init; }

    [Description("Nodes, which are out of use when nothing is on them any more; either these or sites.")]
    [MinLength(1), MaxLength(1_000)]
    public IReadOnlyList<string>? Nodes { get; init; }

    [MinLength(1), MaxLength(500)]
    public string? Because { get; init; }
}

/// <summary>Names sites or nodes to empty, and the plan that was approved.</summary>
internal sealed record ApprovedPlanBody
{
    [Description("Sites; either these or nodes.")]
    [MinLength(1), MaxLength(1_000)]
    public IReadOnlyList<string>? Sites { get; init; }

    [Description("Nodes; either these or sites.")]
    [MinLength(1), MaxLength(1_000)]
    public IReadOnlyList<string>? Nodes { get; init; }

    [MinLength(1), MaxLength(500)]
    public required string Because { get; init; }

    [Description("Digest of the plan that was looked at.")]
    public required string Approve { get; init; }
}
