using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Reviews;

namespace ControlPlane.Server.Tests.Policies;

/// <summary>A random set of policies as files, and workloads on days to be judged under it.</summary>
internal sealed record LawQuestion(Seq<SourceFile> Files, PolicySet Policies, Seq<WorkloadQuestion> Workloads)
{
    public static DateTimeOffset Noon(DateOnly day) => new(day.ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero);
}
