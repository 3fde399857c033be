namespace ControlPlane.Server.Tests.Chaos.Sites;

/// <summary>Runs where somebody asked for the long run of faults, as root; says so where not.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FaultFactAttribute : FactAttribute
{
    /// <summary>Variable that asks for the long run, and says of how many rounds.</summary>
    public const string Rounds = "CPLANE_FAULT_ROUNDS";

    public FaultFactAttribute()
    {
        if (Environment.GetEnvironmentVariable(Rounds) is null) Skip = "NOT RUN: a long run, ./bench faults --rounds 1";
        else if (!Environment.IsPrivilegedProcess) Skip = "NOT RUN: needs root for networks and a small disk";
    }
}
