using System.ComponentModel;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Identity;

/// <summary>Declares the operations on software agents.</summary>
internal static class GrantOperations
{
    private const string Tag = "Software agents";

    private static readonly ApiExample example = new("rebalance", "an agent that places for an hour", """
        {"agent":"rebalancer","scopes":["placements:read","placements:write"],"tenants":["klinik-nord"],
         "minutes":60,"budget":{"accelerators":8,"moves":0,"sites":2,"regions":1,"windowMinutes":10}}
        """);

    private static readonly Seq<ApiExample> reasons =
        [new("wrong", "something is wrong with it", """{"because":"it places in the wrong region"}""")];

    private static Seq<ProblemKind> OfBodies =>
    [
        .. ApiProblems.OfBodies, ProblemCatalog.TooLong, ProblemCatalog.ValueUnknown,
        .. ApiProblems.OfChanges,
    ];

    public static ApiOperation Grant { get; } = new("grantAgent", Tag, "Let a software agent act for oneself")
    {
        Needs = Permission.AgentsGrant,
        Description = "The token in the answer is the agent's, and is shown once. It allows what the scopes say, what "
            + "the role agent allows, and what the caller may do, whichever is least; what it does is bounded by the "
            + "budget and recorded as done for the caller.",
        Body = new(typeof(GrantBody), RequestLimits.BodyBytes, [example]),
        Answers =
        [
            new(StatusCodes.Status201Created, typeof(GrantedAnswer), "the grant, with the token")
            {
                Header = ("Location", "Path of the grant."),
            },
        ],
        Problems =
        [
            .. OfBodies, ProblemCatalog.NameFormat, ProblemCatalog.OutOfRange, ProblemCatalog.TooMany,
            ProblemCatalog.GrantTooWide,
        ],
    };

    public static ApiOperation List { get; } = new("listAgents", Tag, "List software agents and what they used")
    {
        Needs = Permission.AgentsRead,
        Description = "With those that ran out or were ended in the last 30 days.",
        Query = [QueryParameter.PageSize, QueryParameter.PageToken],
        Answers = [new(StatusCodes.Status200OK, typeof(GrantPage), "oldest first, and whether all are stopped")],
        Problems = ApiProblems.OfListings,
    };

    public static ApiOperation Show { get; } = new("getAgent", Tag, "Show a software agent and what it used")
    {
        Needs = Permission.AgentsRead,
        PathId = PathIdForm.Uuid,
        Answers = [new(StatusCodes.Status200OK, typeof(GrantAnswer), "the grant")],
        Problems = [.. ApiProblems.OfIds],
    };

    public static ApiOperation End { get; } = new("endAgent", Tag, "End what a software agent may do")
    {
        Needs = Permission.AgentsStop,
        Description = "Its token is refused from then on; what it placed stays. Repeating it changes nothing more.",
        PathId = PathIdForm.Uuid,
        Body = new(typeof(ReasonBody), RequestLimits.BodyBytes, reasons),
        Answers = [new(StatusCodes.Status200OK, typeof(GrantAnswer), "the grant as it is then")],
        Problems = [.. ApiProblems.OfIds, .. OfBodies],
    };

    public static ApiOperation Stop { get; } = Switch(
        "stopAgents", "Stop all software agents at once",
        "Every call of a program that acts for somebody is refused from the record on, at every server, until an "
        + "operator lets them go on. What they placed stays.");

    public static ApiOperation Resume { get; } = Switch(
        "resumeAgents", "Let software agents go on", "Grants that ran out or were ended meanwhile do not come back.");

    private static ApiOperation Switch(string id, string summary, string description) => new(id, Tag, summary)
    {
        Needs = Permission.AgentsSwitch,
        Description = description,
        Body = new(typeof(ReasonBody), RequestLimits.BodyBytes, reasons),
        Answers = [new(StatusCodes.Status200OK, typeof(SwitchAnswer), "whether they are stopped, and why")],
        Problems = OfBodies,
    };
}

/// <summary>Asks for a grant.</summary>
internal sealed record GrantBody
{
    [Description("Name of the program, as the ledger will show it.")]
    public required string Agent { get; init; }

    [Description("Names of permissions.")]
    public required IReadOnlyList<string> Scopes { get; init; }

    [Description("Tenants that it acts for; \"*\" is every one, for who acts for every one.")]
    public required IReadOnlyList<string> Tenants { get; init; }

    [Description("Jurisdictions that it is confined to; those of the caller when left out.")]
    public IReadOnlyList<string>? Jurisdictions { get; init; }

    [Description("For how long, 1 to 1440.")]
    public required int Minutes { get; init; }

    public required BudgetBody Budget { get; init; }
}

/// <summary>Bounds what a software agent does.</summary>
internal sealed record BudgetBody
{
    [Description("Held at any time; what is given back may be asked for again.")]
    public required int Accelerators { get; init; }

    [Description("Placements moved within a window.")]
    public required int Moves { get; init; }

    [Description("Sites touched within a window.")]
    public required int Sites { get; init; }

    [Description("Regions touched within a window.")]
    public required int Regions { get; init; }

    [Description("Minutes of a window, 1 to 1440; windows follow each other from the beginning of the grant on.")]
    public required int WindowMinutes { get; init; }
}

/// <summary>Says why.</summary>
internal sealed record ReasonBody([property: Description("Recorded with who said it.")] string Because);

/// <summary>Shows software agents.</summary>
internal sealed record GrantPage(IReadOnlyList<GrantAnswer> Agents, string? NextPageToken)
{
    [Description("Why all of them are stopped; absent when they are not.")]
    public EndAnswer? Stopped { get; init; }
}

/// <summary>Says whether software agents are stopped.</summary>
internal sealed record SwitchAnswer(EndAnswer? Stopped);

/// <summary>Says when, why and by whom something was ended.</summary>
internal sealed record EndAnswer(DateTimeOffset At, string Because, string By);

/// <summary>Shows a new grant.</summary>
internal sealed record GrantedAnswer(
    [property: Description("Sent as Authorization: Bearer by the agent.")] string Token, GrantAnswer Grant);

/// <summary>Shows a grant and what was used of it.</summary>
internal sealed record GrantAnswer
{
    public required Guid Id { get; init; }
    public required string Agent { get; init; }
    public required string OnBehalfOf { get; init; }

    [AllowedText("in-force", "over", "ended", "stopped")]
    public required string State { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }
    public required IReadOnlyList<string> Tenants { get; init; }
    public IReadOnlyList<string>? Jurisdictions { get; init; }
    public required DateTimeOffset From { get; init; }
    public required DateTimeOffset Until { get; init; }
    public required BudgetBody Budget { get; init; }
    public required UsedAnswer Used { get; init; }
    public EndAnswer? Ended { get; init; }
}

/// <summary>Shows what was used of a budget.</summary>
internal sealed record UsedAnswer
{
    public required decimal Accelerators { get; init; }
    public required int Moves { get; init; }
    public required IReadOnlyList<string> Sites { get; init; }
    public required IReadOnlyList<string> Regions { get; init; }

    [Description("Until then moves and places count.")]
    public required DateTimeOffset WindowUntil { get; init; }
}
