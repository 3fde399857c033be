namespace ControlPlane.SiteAgent.Hosting;

/// <summary>Says why the agent does not start.</summary>
internal sealed class AgentRefusedException(string message) : Exception(message);
