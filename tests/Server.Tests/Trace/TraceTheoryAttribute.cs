using ControlPlane.Traces;

namespace ControlPlane.Server.Tests.Trace;

/// <summary>Marks tests that read the public GPU trace; without the data folder they are skipped and say so.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TraceTheoryAttribute : TheoryAttribute
{
    public TraceTheoryAttribute()
    {
        if (DataFolder.Root is null) Skip = DataFolder.Absence;
    }
}
