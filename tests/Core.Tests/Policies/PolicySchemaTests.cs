using ControlPlane.Files;
using ControlPlane.Policies;

namespace ControlPlane.Core.Tests.Policies;

public sealed class PolicySchemaTests
{
    [Fact]
    public void The_schema_of_policies_equals_the_committed_one() =>
        Golden.Check("policies/schemas/policy.schema.json", FileSchema.For<Policy>());

    [Fact]
    public void The_schema_of_preferences_equals_the_committed_one() =>
        Golden.Check("policies/schemas/preferences.schema.json", FileSchema.For<Preferences>());

    [Fact]
    public void Every_shipped_file_names_its_schema_in_the_first_line()
    {
        foreach (var file in Checkout.Read("policies").Where(file => !file.Path.EndsWith(".test.yaml")))
        {
            var schema = file.Path == "policies/preferences.yaml" ? "preferences" : "policy";
            var up = string.Concat(Enumerable.Repeat("../", file.Path.Count(letter => letter == '/') - 1));

            Assert.Equal($"# yaml-language-server: $schema={up}schemas/{schema}.schema.json", file.Text.Split('\n')[0]);
        }
    }
}
