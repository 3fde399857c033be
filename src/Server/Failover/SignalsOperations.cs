using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Failover;

/// <summary>Declares what can be said about the health of sites.</summary>
internal static class SignalsOperations
{
    public const int MostBodyBytes = 64 * 1024;

    /// <summary>How sure somebody is who does not say it.</summary>
    public const int Confidence = 90;

    public static ApiOperation Report { get; } = new(
        "reportSiteHealth", "Sites and moves", "Say what the provider of a site says about its health")
    {
        Needs = Permission.SitesOperate,
        Description = "Counts for 30 seconds, so it is repeated while it holds. That a site is ill, said with a "
            + "confidence of 80 or more, makes it suspect; that it is well makes a silent site be lost later. Neither "
            + "moves work before the lease of the site is surely over.",
        PathId = PathIdForm.Name,
        Body = new ApiBody(typeof(HealthBody), MostBodyBytes,
            [new("outage", "an outage", """{ "health": "ill", "because": "power lost in hall 2" }""")]),
        Answers = [new(StatusCodes.Status204NoContent, null, "it is kept")],
        Problems = [.. ApiProblems.OfIds, .. SitesOperations.OfBodies, ProblemCatalog.OutOfRange],
    };
}

/// <summary>Says how a site is.</summary>
internal sealed record HealthBody
{
    [Description("well or ill.")]
    public required string Health { get; init; }

    [Range(1, 100)]
    public int? ConfidencePercent { get; init; }

    [MinLength(1), MaxLength(500)]
    public required string Because { get; init; }
}
