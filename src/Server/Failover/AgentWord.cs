using ControlPlane.Failover;

namespace ControlPlane.Server.Failover;

/// <summary>Keeps of what the agent of a site says about health what it may say, once for each site.</summary>
internal static class AgentWord
{
    /// <summary>Statements that count of one report; later ones are dropped.</summary>
    public const int MostSignals = 1_000;

    /// <summary>Characters of a detail that are kept.</summary>
    public const int MostDetailCharacters = 300;

    /// <summary>
    /// Of its own site what its driver sees, of each other one whether it is reached. It speaks for nobody else,
    /// is one witness however often it says a thing, and says nothing from after now, which would never grow old.
    /// </summary>
    public static Seq<HealthSignal> Of(SiteId own, Seq<HealthSignal> said) => said
        .Where(signal => signal.Source == (signal.Site == own ? SignalSource.Driver : SignalSource.Peer))
        .DistinctBy(signal => signal.Site)
        .Take(MostSignals)
        .Select(signal => signal with
        {
            // What is said to be older than a day is too old in any case, and ages are added up.
            AgeMilliseconds = Math.Clamp(signal.AgeMilliseconds, 0, (long)TimeSpan.FromDays(1).TotalMilliseconds),
            Detail = signal.Detail is { } detail
                ? string.Concat(detail.EnumerateRunes().Take(MostDetailCharacters))
                : null,
        })
        .ToSeq();
}
