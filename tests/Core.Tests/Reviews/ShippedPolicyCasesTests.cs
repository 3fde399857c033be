using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Reviews;

namespace ControlPlane.Core.Tests.Reviews;

/// <summary>The cases beside the shipped policies, and that they notice every small change of them.</summary>
public sealed class ShippedPolicyCasesTests
{
    private static readonly Fleet Fleet = RegionFiles.Parse(Checkout.Read("regions")).Value;
    private static readonly IReadOnlyList<SourceFile> Files = Checkout.Read("policies");
    private static readonly PolicySet Policies = PolicyFiles.Parse(Files, Fleet).Value;

    [Fact]
    public void Every_case_comes_out_as_expected_and_every_policy_has_one()
    {
        var report = Tester().Run(_ => true, _ => true);

        Assert.Equal([], report.Outcomes.Where(item => !item.Passed)
            .Select(item => $"{item.File}:{item.Line} {item.Case}: {item.Differences}"));
        Assert.Equal([], report.Untested);
        Assert.Equal([], report.NeverFired);
    }

    [Fact]
    public void Every_small_change_of_a_policy_is_noticed_or_accepted_with_a_reason()
    {
        var report = Tester().Mutate(_ => true);

        Assert.Equal([], report.Open.Select(fate => $"{fate.Policy}: {fate.Mutant}"));
        Assert.Equal([], report.Stale.Select(item => $"{item.File}:{item.Line} {item.Mutant}"));
        Assert.True(report.KilledCount > 0);
    }

    [Fact]
    public void Cases_are_no_part_of_the_law()
    {
        var without = PolicyFiles.Parse([.. Files.Where(file => !PolicyFiles.IsCasesPath(file.Path))], Fleet).Value;

        Assert.Equal(without, Policies);
    }

    [Fact]
    public void Their_schema_is_committed()
    {
        Golden.Check("policies/schemas/policy-test.schema.json", FileSchema.For<PolicyCases>());
    }

    [Fact]
    public void Every_case_file_names_its_schema_in_the_first_line()
    {
        foreach (var file in Files.Where(file => PolicyFiles.IsCasesPath(file.Path)))
            Assert.Equal("# yaml-language-server: $schema=../schemas/policy-test.schema.json",
                file.Text.Split('\n')[0]);
    }

    private static PolicyTester Tester()
    {
        var cases = CaseFiles.Parse(Files, Policies, Fleet);
        return new PolicyTester(Policies, Fleet, cases.Value);
    }
}
