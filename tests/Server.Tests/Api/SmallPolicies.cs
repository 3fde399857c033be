using ControlPlane.Files;

namespace ControlPlane.Server.Tests.Api;

/// <summary>Policies for the small fleet: one that no region satisfies, and one that limits a tenant.</summary>
internal static class SmallPolicies
{
    public static IReadOnlyList<SourceFile> Files() =>
    [
        new("policies/sealed.yaml", Policy("sealed", "dataClasses: [sealed]", "kind: residency, allow: [\"GB\"]")),
        new("policies/quota.yaml", Policy(
            "metered", "dataClasses: [metered]", "kind: quota, over: all, accelerators: 4")),
        new("policies/urgent.yaml", Policy("urgent", "dataClasses: [urgent]", "kind: preemption, whose: any")),
    ];

    private static string Policy(string id, string match, string rule) => $$"""
        schemaVersion: 1
        id: {{id}}
        because: The tests need it.
        source:
          law: Rules of the tests
          article: "1"
        owner: tests
        validFrom: 2020-01-01
        enforcement: mandatory
        match:
          {{match}}
        rules:
          - { rule: only, {{rule}} }

        """;
}
