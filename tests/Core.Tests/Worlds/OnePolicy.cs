using ControlPlane.Policies;

namespace ControlPlane.Core.Tests.Worlds;

/// <summary>Makes policies of one rule that is mandatory on every day that tests look at.</summary>
internal static class OnePolicy
{
    /// <summary>On everything, or on what matches.</summary>
    public static Policy Of(PolicyRule rule, PolicyMatch? match = null) => new()
    {
        Id = new("one"), Because = "b", Source = new() { Law = "l" }, Owner = "o", ValidFrom = new(2020, 1, 1),
        Enforcement = Enforcement.Mandatory, Match = match ?? new() { Everything = true }, Rules = [rule],
    };

    public static PolicySet Beside(PolicySet policies, Policy policy) =>
        policies with { Policies = [.. policies.Policies, policy] };
}
