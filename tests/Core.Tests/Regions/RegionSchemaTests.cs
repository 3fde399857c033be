using System.Text.Json;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Regions;

public sealed class RegionSchemaTests
{
    private static readonly Dictionary<string, string> Schemas = new(StringComparer.Ordinal)
    {
        ["region"] = FileSchema.For<RegionSpec>(),
        ["cell"] = FileSchema.For<CellSpec>(),
        ["catalog-accelerators"] = FileSchema.For<AcceleratorCatalog>(),
        ["catalog-instance-types"] = FileSchema.For<InstanceTypeCatalog>(),
        ["catalog-jurisdictions"] = FileSchema.For<JurisdictionCatalog>(),
        ["catalog-legal-entities"] = FileSchema.For<LegalEntityCatalog>(),
        ["catalog-provider-regions"] = FileSchema.For<ProviderRegionCatalog>(),
        ["catalog-sources"] = FileSchema.For<SourceCatalog>(),
    };

    [Theory]
    [InlineData("region")]
    [InlineData("cell")]
    [InlineData("catalog-accelerators")]
    [InlineData("catalog-instance-types")]
    [InlineData("catalog-jurisdictions")]
    [InlineData("catalog-legal-entities")]
    [InlineData("catalog-provider-regions")]
    [InlineData("catalog-sources")]
    public void Equals_the_committed_schema(string name)
    {
        Golden.Check($"regions/schemas/{name}.schema.json", Schemas[name]);
    }

    [Fact]
    public void Every_shipped_file_names_its_schema_in_the_first_line()
    {
        foreach (var file in Checkout.Read("regions"))
        {
            var inCatalog = file.Path.StartsWith("regions/catalog/", StringComparison.Ordinal);
            var name = Path.GetFileNameWithoutExtension(file.Path);
            var expected = inCatalog ? $"../schemas/catalog-{name}" : "schemas/region";

            Assert.Equal($"# yaml-language-server: $schema={expected}.schema.json", file.Text.Split('\n')[0]);
        }
    }

    [Fact]
    public void Knows_the_limits_that_reading_enforces()
    {
        using var schema = JsonDocument.Parse(Schemas["region"]);

        var pool = schema.RootElement.GetProperty("$defs").GetProperty("NodePoolSpec");
        var nodes = pool.GetProperty("properties").GetProperty("nodes");
        var rest = schema.RootElement.GetProperty("additionalProperties");

        const string expected = """{"type":"integer","minimum":0,"maximum":100000,"description":"Nodes installed."}""";
        Assert.Equal(expected, Compact(nodes));
        Assert.Equal(JsonValueKind.False, rest.ValueKind);
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);
}
