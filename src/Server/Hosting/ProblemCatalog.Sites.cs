namespace ControlPlane.Server.Hosting;

/// <summary>Names what can be wrong with sites, their agents, and moves.</summary>
internal static partial class ProblemCatalog
{
    public static ProblemKind EnrolRefused { get; } = new("enrol-refused", 403, "The agent may not join",
        "The detail says why. A join token is issued for one site by POST /v1/sites/{id}:issue-join-token, counts once "
        + "and for a day; with the key that it enrolled with an agent needs none.");

    public static ProblemKind SessionOver { get; } = new("session-over", 409, "The session is not the site's",
        "The server ended it because the site was taken for lost, or a newer one is open. The agent stops what is "
        + "exclusive and opens a new session by renewing.");

    public static ProblemKind PlanVoid { get; } = new("plan-void", 409, "The plan is not what it was",
        "Something that matters to the plan changed since it was made, so its approval counts no more. Make it again, "
        + "look at it, and approve the new one.");

    internal static IEnumerable<ProblemKind> OfSites => [EnrolRefused, SessionOver, PlanVoid];
}
