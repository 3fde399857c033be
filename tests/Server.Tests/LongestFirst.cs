using Xunit.Abstractions;

[assembly: TestCollectionOrderer("ControlPlane.Server.Tests.LongestFirst", "ControlPlane.Server.Tests")]

namespace ControlPlane.Server.Tests;

/// <summary>
/// Begins with the classes that take longest and mostly wait, so that the others fill the time beside them, and keeps
/// the two that kill servers under load apart.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] First =
    [
        nameof(Chaos.Sites.FaultTests), nameof(Identity.AuthorisationMatrixTests), nameof(Chaos.FailoverStoryTests),
        nameof(Policies.FourWaysTests), nameof(Chaos.KillTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(Rank).ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);

    private static int Rank(ITestCollection collection)
    {
        var rank = Array.FindIndex(
            First, name => collection.DisplayName.EndsWith("." + name, StringComparison.Ordinal));
        return rank < 0 ? First.Length : rank;
    }
}
