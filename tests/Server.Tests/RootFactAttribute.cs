namespace ControlPlane.Server.Tests;

/// <summary>Marks a test that only root can arrange; for others it is skipped and counted as such.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess) Skip = "needs root, for small file systems and network namespaces";
    }
}
