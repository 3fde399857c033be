namespace ControlPlane.SiteAgent.Drivers;

/// <summary>Says that a scheduler gave no answer, or one that leaves open whether something was done.</summary>
internal sealed class SiteUnreachableException(string message, Exception? cause = null) : Exception(message, cause);
