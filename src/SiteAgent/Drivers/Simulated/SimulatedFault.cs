namespace ControlPlane.SiteAgent.Drivers.Simulated;

/// <summary>What is wrong with a simulated site.</summary>
internal enum SimulatedFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The building is lost: its work ends at once, and nobody answers, the site's agent neither.</summary>
    Dead,

    /// <summary>The scheduler answers nobody; what runs runs on.</summary>
    Hung,

    /// <summary>The site is cut off: scheduler and agent are well, and nothing reaches the server.</summary>
    Cut,

    /// <summary>Dead and well again by turns, every few seconds.</summary>
    Flapping,
}
