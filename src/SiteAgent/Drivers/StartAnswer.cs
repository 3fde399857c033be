using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers;

/// <summary>Answers a start.</summary>
internal abstract record StartAnswer;

/// <summary>The work is there under its epoch: running, waiting for room, or at its end already.</summary>
internal sealed record Started : StartAnswer;

/// <summary>A newer epoch was started here before; the older one never starts again.</summary>
internal sealed record RefusedOlder(Epoch Newest) : StartAnswer;

/// <summary>An older epoch is still here and was told to stop; the start is to be repeated.</summary>
internal sealed record OlderStopping(Epoch Older) : StartAnswer;
