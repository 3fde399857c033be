using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Failover;

/// <summary>Declares the operations of site agents.</summary>
internal static class AgentOperations
{
    private const string Tag = "Site agents";

    private static readonly Seq<ProblemKind> OfBodies =
    [
        ProblemCatalog.BodyMissing, ProblemCatalog.JsonSyntax, ProblemCatalog.BodyTooLarge, ProblemCatalog.MediaType,
        ProblemCatalog.TooSlow, ProblemCatalog.StoreUnavailable,
    ];

    public static ApiOperation Enrol { get; } = new("enrolAgent", Tag, "Give a site's agent a credential")
    {
        Needs = Permission.Everybody,
        Description = "The first time with a join token, later with the proof that the agent holds the key which it "
            + "enrolled with. The credential is the bearer token of the other calls, for an hour.",
        Answers = [new(StatusCodes.Status200OK, null, "site, credential, credentialSeconds")],
        Problems = [.. OfBodies, ProblemCatalog.EnrolRefused, ProblemCatalog.NotFound],
    };

    public static ApiOperation Renew { get; } = new("renewLease", Tag, "Renew the lease of a site")
    {
        Needs = Permission.SiteServe,
        Description = "The lease counts from when the request was sent, by the agent's own clock. A session that is "
            + "new is opened; one that was ended is refused, and the agent stops what is exclusive.",
        Answers = [new(StatusCodes.Status200OK, null, "the lease, or why it was not renewed")],
        Problems = OfBodies,
    };

    public static ApiOperation Desired { get; } = new("getDesiredWork", Tag, "Ask what a site should run")
    {
        Needs = Permission.SiteServe,
        Description = "Waits up to 20 seconds while there is nothing newer than a revision.",
        Query =
        [
            new("session", "The session, as NUMBER-NONCE."),
            new("after", "Revision that is known.") { Whole = (0, long.MaxValue), Default = 0 },
        ],
        Answers =
        [
            new(StatusCodes.Status200OK, null, "revision and all orders of the site"),
            new(StatusCodes.Status204NoContent, null, "nothing newer"),
        ],
        Problems = [ProblemCatalog.ValueUnknown, ProblemCatalog.SessionOver, ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Report { get; } = new("reportSite", Tag, "Report what a site sees")
    {
        Needs = Permission.SiteServe,
        Answers = [new(StatusCodes.Status200OK, null, "whether the session is the site's")],
        Problems = OfBodies,
    };
}
