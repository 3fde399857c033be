namespace ControlPlane.Cli.Tests.Policies;

/// <summary>A tree of the small fleet with one policy and its cases, to be changed and reviewed.</summary>
internal static class PolicyTree
{
    public const string Policy = """
        schemaVersion: 1
        id: health
        because: Health data stays in the EU.
        source: { law: GDPR, article: Art. 9 }
        owner: data-protection
        validFrom: 2026-01-01
        enforcement: mandatory
        match:
          dataClasses: [health]
        rules:
          - rule: stays-in-the-eu
            kind: residency
            allow: [EU]

        """;

    public const string Cases = """
        schemaVersion: 1
        policy: health
        asOf: 2026-11-21
        cases:
          - case: in-germany
            at: [de-one]
            workload: { dataClass: health }
            expect: allowed
          - case: in-america
            at: [us-one-a-h100]
            workload: { dataClass: health }
            expect: denied
            rules: [stays-in-the-eu]
            reason: law.residency
          - case: other-data
            at: [us-one]
            workload: { dataClass: public }
            expect: unmatched
          - case: on-the-first-day
            at: [us-one]
            workload: { dataClass: health }
            asOf: 2026-01-01
            expect: denied
            rules: [stays-in-the-eu]
          - case: before-the-first-day
            at: [us-one]
            workload: { dataClass: health }
            asOf: 2025-12-31
            expect: unmatched

        """;

    /// <summary>Writes the tree below a folder of the given one.</summary>
    public static string Write(TemporaryFolder folder, string name = "tree", string policy = Policy, string? cases =
        Cases)
    {
        foreach (var file in SmallFleet.Files()) folder.Write($"{name}/{file.Path}", file.Text);
        folder.Write($"{name}/policies/eu/health.yaml", policy);
        if (cases is not null) folder.Write($"{name}/policies/eu/health.test.yaml", cases);
        return Path.Combine(folder.Path, name);
    }
}
