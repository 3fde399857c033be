using ControlPlane.Files;
using ControlPlane.Policies;

namespace ControlPlane.Core.Tests.Policies;

/// <summary>Policy files that are wrong in one way, with the problem each must give.</summary>
public sealed class BadPolicyFilesTests
{
    private const string Head = """
        schemaVersion: 1
        because: It is so.
        source: {law: Law}
        owner: owner
        validFrom: 2026-01-01

        """;

    private const string Good = Head + """
        id: good
        enforcement: mandatory
        match: {dataClasses: [health]}
        rules:
          - {rule: eu, kind: residency, allow: [EU]}

        """;

    private const string Waiver = """
        schemaVersion: 1
        id: w
        policy: good
        rules: [eu]
        because: The move is under way.
        match: {tenants: [t1]}
        regions: [us-one]
        validFrom: 2026-01-01

        """;

    /// <summary>Row of the list of bad inputs, files by path, and each problem as file:line slug.</summary>
    public static TheoryData<int, string, string[]> Rows() => new()
    {
        { 85, Good.Replace("rules:\n  - {rule: eu, kind: residency, allow: [EU]}", "rules: []"),
            ["good.yaml:9 policy-blank"] },
        { 85, Good.Replace("{dataClasses: [health]}", "{}"), ["good.yaml:8 policy-blank"] },
        { 85, Good.Replace("allow: [EU]", "allow: []"), ["good.yaml:10 policy-blank"] },
        { 86, Good.Replace("dataClasses", "dataClases"), ["good.yaml:8 attribute-unknown"] },
        { 86, Good.Replace("allow:", "alow:"), ["good.yaml:10 attribute-unknown"] },
        { 86, Good.Replace("owner: owner", "ownr: owner\nowner: owner"), ["good.yaml:4 attribute-unknown"] },
        {
            90, Good.Replace(
                "{dataClasses: [health]}", "{matchExpressions: [{key: a, operator: matches, pattern: '(a)\\1'}]}"),
            ["good.yaml:8 pattern-unsafe"]
        },
        {
            90, Good.Replace(
                "{dataClasses: [health]}", "{matchExpressions: [{key: a, operator: matches, pattern: '(?=a)'}]}"),
            ["good.yaml:8 pattern-unsafe"]
        },
        {
            90, Good.Replace(
                "{dataClasses: [health]}", "{matchExpressions: [{key: a, operator: matches, pattern: '('}]}"),
            ["good.yaml:8 pattern-unsafe"]
        },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_policy_that_is_wrong_in_one_way_gives_that_problem_at_its_line(
        int row, string text, string[] expected)
    {
        Assert.True(row >= 85);
        Assert.Equal(expected, Problems(("good.yaml", text)));
    }

    [Theory]
    [InlineData("owner: dpo\n", "waivers/w.yaml:1 waiver-incomplete")]
    [InlineData("expires: 2026-12-31\n", "waivers/w.yaml:1 waiver-incomplete")]
    [InlineData("owner: dpo\nexpires: 2025-12-31\n", "waivers/w.yaml:10 date-order")]
    [InlineData("owner: dpo\nexpires: 2026-12-31\nuntil: 2027-01-01\n", "waivers/w.yaml:11 attribute-unknown")]
    public void A_waiver_needs_an_owner_and_an_end(string rest, string expected)
    {
        Assert.Equal([expected], Problems(("good.yaml", Good), ("waivers/w.yaml", Waiver + rest)));
    }

    [Fact]
    public void A_waiver_is_about_rules_and_regions_that_there_are()
    {
        var waiver = Waiver.Replace("[eu]", "[ue]").Replace("us-one", "us-two") + "owner: dpo\nexpires: 2026-12-31\n";

        Assert.Equal(
            ["waivers/w.yaml:4 rule-unknown", "waivers/w.yaml:7 region-unknown"],
            Problems(("good.yaml", Good), ("waivers/w.yaml", waiver)));
        Assert.Equal(
            ["waivers/w.yaml:3 policy-unknown"],
            Problems(("good.yaml", Good),
                ("waivers/w.yaml", (Waiver + "owner: dpo\nexpires: 2026-12-31\n").Replace("good", "god"))));
    }

    [Fact]
    public void Includes_bring_rules_and_never_lead_back_to_where_they_begin()
    {
        var first = Good.Replace("id: good", "id: first\nincludes: [good]").Replace(
            "rules:\n  - {rule: eu, kind: residency, allow: [EU]}", "rules: []");
        var parsed = PolicyFiles.Parse([new("policies/a.yaml", first), new("policies/b.yaml", Good)], KindFleet.Fleet);

        Assert.Equal([], parsed.Problems);
        Assert.Equal(parsed.Value.Policies[1].Rules, parsed.Value.Policies[0].Rules);
        Assert.Equal(
            ["a.yaml:7 include-cycle", "good.yaml:7 include-cycle"],
            Problems(("a.yaml", first), ("good.yaml", Good.Replace("id: good", "id: good\nincludes: [first]"))));
        Assert.Equal(["good.yaml:7 policy-unknown"],
            Problems(("good.yaml", Good.Replace("id: good", "id: good\nincludes: [god]"))));
        Assert.Equal(
            ["good.yaml:7 duplicate-id"],
            Problems(("good.yaml", Good.Replace("id: good", "id: good\nincludes: [other]")),
                ("other.yaml", Good.Replace("id: good", "id: other"))));
    }

    [Fact]
    public void A_rule_that_another_makes_idle_is_shadowed_and_says_by_which()
    {
        var wider = Good.Replace("id: good", "id: wider").Replace("{dataClasses: [health]}", "{everything: true}")
            .Replace("allow: [EU]", "allow: [DE]");

        var error = Assert.Single(Review(("a.yaml", wider), ("good.yaml", Good)).Errors);

        Assert.Equal(("rule-shadowed", "policies/good.yaml", 10), (error.Slug, error.File, error.Line));
        Assert.Contains("wider/eu at policies/a.yaml:10:5", error.Message, StringComparison.Ordinal);
        Assert.Empty(Review(("a.yaml", wider.Replace("mandatory", "advisory")), ("good.yaml", Good)).Errors);
        Assert.Empty(Review(("a.yaml", wider.Replace("2026-01-01", "2026-02-01")), ("good.yaml", Good)).Errors);
        Assert.Empty(Review(("a.yaml", wider.Replace("[DE]", "[EU, US]")), ("good.yaml", Good)).Errors);
    }

    [Fact]
    public void Of_two_rules_that_say_the_same_the_later_one_is_shadowed()
    {
        var error = Assert.Single(Review(("b.yaml", Good), ("a.yaml", Good.Replace("id: good", "id: goods"))).Errors);

        Assert.Equal(("rule-shadowed", "policies/a.yaml"), (error.Slug, error.File));
    }

    [Fact]
    public void Rules_that_leave_no_country_together_are_named_with_both_lines()
    {
        var other = Good.Replace("id: good", "id: other").Replace("allow: [EU]", "deny: [EU]");

        var error = Assert.Single(Review(("good.yaml", Good), ("other.yaml", other)).Errors);

        Assert.Equal(("rule-conflict", "policies/other.yaml", 10), (error.Slug, error.File, error.Line));
        Assert.Contains("policies/good.yaml:10:5", error.Message, StringComparison.Ordinal);
        Assert.Empty(Review(("good.yaml", Good), ("other.yaml", other.Replace("[health]", "[public]"))).Errors);
    }

    [Fact]
    public void A_rule_that_no_declared_place_satisfies_is_warned_of()
    {
        var warning = Assert.Single(Review(("good.yaml", Good.Replace(
            "kind: residency, allow: [EU]", "kind: keyCustody, atLeast: customerHardware}\n  - {rule: s, kind: seal, "
            + "minimum: [{objective: SOV-1, level: 4}]"))).Warnings);

        Assert.Equal(("rule-unreachable", "policies/good.yaml", 11), (warning.Slug, warning.File, warning.Line));
    }

    private static IEnumerable<string> Problems(params (string Path, string Text)[] files) =>
        PolicyFiles.Parse(
            [.. files.Select(file => new SourceFile($"policies/{file.Path}", file.Text))], KindFleet.Fleet).Problems
            .Select(problem => $"{problem.File?["policies/".Length..]}:{problem.Line} {problem.Slug}");

    private static PolicyReview Review(params (string Path, string Text)[] files) => PolicyReview.At(
        [.. files.Select(file => new SourceFile($"policies/{file.Path}", file.Text))], KindFleet.Fleet,
            KindFleet.Today);
}
