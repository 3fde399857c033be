using ControlPlane.Files;
using ControlPlane.Policies;

namespace ControlPlane.Core.Tests.Policies;

public sealed class PolicySchemaTests
{
    private static readonly Dictionary<string, string> Schemas = new(StringComparer.Ordinal)
    {
        ["policy"] = FileSchema.For<Policy>(),
        ["waiver"] = FileSchema.For<Waiver>(),
        ["preferences"] = FileSchema.For<Preferences>(),
    };

    // The policy pack of Pulumi stacks has files of another form.
    private static readonly IReadOnlyList<SourceFile> Shipped =
    [
        .. Checkout.Read("policies").Where(file => file.Path != "policies/PulumiPolicy.yaml"
            && !file.Path.StartsWith("policies/pack/", StringComparison.Ordinal)),
    ];

    [Theory]
    [InlineData("policy")]
    [InlineData("waiver")]
    [InlineData("preferences")]
    public void Equals_the_committed_schema(string name) =>
        Golden.Check($"policies/schemas/{name}.schema.json", Schemas[name]);

    [Fact]
    public void Every_shipped_policy_names_its_schema_and_claims_no_compliance()
    {
        foreach (var file in Shipped.Where(file => !PolicyFiles.IsCasesPath(file.Path)))
        {
            var lines = file.Text.Split('\n');
            var isWaiver = file.Path.StartsWith("policies/waivers/", StringComparison.Ordinal);
            var (folder, name) = file.Path == PolicyFiles.PreferencesPath ? ("schemas", "preferences")
                : ("../schemas", isWaiver ? "waiver" : "policy");
            Assert.Equal($"# yaml-language-server: $schema={folder}/{name}.schema.json", lines[0]);
            if (name != "policy" || file.Path.StartsWith("policies/capacity/", StringComparison.Ordinal)) continue;
            Assert.Equal(
                "# A satisfied policy is not a statement of compliance, and nothing here is legal advice.", lines[1]);
        }
    }

    [Fact]
    public void Every_shipped_policy_of_law_names_its_article_and_where_to_read_it()
    {
        var policies = PolicyFiles.Parse(Shipped).Value.Policies;

        Assert.True(policies.Count >= 25);
        Assert.All(policies, policy => Assert.False(string.IsNullOrEmpty(policy.Source.Article), $"{policy.Id}"));
    }

    [Fact]
    public void The_shipped_policies_neither_shadow_nor_contradict_each_other()
    {
        var fleet = ControlPlane.Regions.RegionFiles.Parse(Checkout.Read("regions")).Value;

        var review = PolicyReview.At(Shipped, fleet, new(2026, 11, 21));

        Assert.Equal([], review.Errors);
    }
}
