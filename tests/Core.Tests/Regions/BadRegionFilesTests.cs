using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Regions;

/// <summary>One change of the small fleet per row; the problem it makes, whole.</summary>
public sealed class BadRegionFilesTests
{
    private const string Pool = "sites[0].clusters[0].nodePools[0]";

    public static TheoryData<string, string, string> InTheRegion => new()
    {
        // R72 tabs and indents
        { "region: de-one\n", "\tregion: de-one\n", "yaml-syntax 2:1 " },
        { "    country: \"DE\"", "   country: \"DE\"", "yaml-syntax 15:4 " },
        // R74 aliases
        { "name: One", "name: &one One", "yaml-alias 3:7 name" },
        { "name: One", "name: *one", "yaml-alias 3:7 name" },
        { "name: One", "name: !!str One", "yaml-tag 3:7 name" },
        // R75 words that YAML reads as something else
        { "    country: \"DE\"", "    country: NO", "field-type 15:14 sites[0].country" },
        { "city: Berlin", "city: yes", "field-type 16:11 sites[0].city" },
        { "city: Berlin", "city: 0x10", "field-type 16:11 sites[0].city" },
        { "city: Berlin", "city: 2026-01-01", "field-type 16:11 sites[0].city" },
        { "city: Berlin", "city: ~", "field-null 16:11 sites[0].city" },
        { "city: Berlin", "city: \"\"", "field-blank 16:11 sites[0].city" },
        { "city: Berlin", "city: \"a\\0b\"", "control-character 16:11 sites[0].city" },
        { "city: Berlin", "city: Ber\u202Elin", "control-character 16:14 " },
        // R76 ranges and numbers
        { "nodes: 16", "nodes: -16", $"out-of-range 35:20 {Pool}.nodes" },
        { "nodes: 16", "nodes: 1e30", $"out-of-range 35:20 {Pool}.nodes" },
        { "nodes: 16", "nodes: 1.5", $"field-type 35:20 {Pool}.nodes" },
        { "nodes: 16", "nodes: \"16\"", $"field-type 35:20 {Pool}.nodes" },
        { "pue: 1.2", "pue: 0.9", "out-of-range 20:12 sites[0].power.pue" },
        { "megawatts: 2", "megawatts: 0", "out-of-range 22:42 sites[0].power.phases[0].megawatts" },
        // R77 figures that contradict each other
        { "allocatableNodes: 15", "allocatableNodes: 17", $"inventory-inconsistent 36:31 {Pool}.allocatableNodes" },
        { "nodesPerFabricDomain: 8", "nodesPerFabricDomain: 17",
            $"inventory-inconsistent 40:35 {Pool}.nodesPerFabricDomain" },
        { "            sku: h100\n", "", $"inventory-inconsistent 33:34 {Pool}.acceleratorsPerNode" },
        { "acceleratorsPerNode: 8", "acceleratorsPerNode: 0",
            $"inventory-inconsistent 34:34 {Pool}.acceleratorsPerNode" },
        { "megawatts: 2", "megawatts: 0.14", "inventory-inconsistent 22:42 sites[0].power.phases[0].megawatts" },
        // R78 nothing is assumed
        { "operator: acme\n", "", "field-required 1:1 operator" },
        { "schemaVersion: 1\n", "", "field-required 1:1 schemaVersion" },
        // R80 versions
        { "schemaVersion: 1", "schemaVersion: 2", "schema-version 1:16 schemaVersion" },
        // R81 contradicting countries
        { "    country: \"DE\"", "    country: \"GB\"", "region-contradiction 15:14 sites[0].country" },
        { "providerRegion: de-north", "providerRegion: gb-north",
            "region-contradiction 30:25 sites[0].clusters[0].providerRegion" },
        { "jurisdiction: \"DE\"", "jurisdiction: EU", "region-contradiction 4:15 jurisdiction" },
        { "providerRegion: de-north", "providerRegion: de-north\n        keyId: \"arn:a:kms:gb-north:1:key/1\"",
            "region-contradiction 31:16 sites[0].clusters[0].keyId" },
        { "providerRegion: de-north", "providerRegion: de-north\n        keyId: swordfish",
            "name-format 31:16 sites[0].clusters[0].keyId" },
        // Unknown names and fields
        { "oper", "opar", "unknown-field 5:1 oparator" },
        // Datasets and links of sites
        {
            "name: One",
            "name: One\ndatasets:\n  - { dataset: scans, tenant: clinic, dataClass: health, "
                + "sizeGib: 40960, changeGibPerDay: 1, site: de-one-b, copies: [] }",
            "site-unknown 5:100 datasets[0].site"
        },
        {
            "name: One",
            "name: One\ndatasets:\n  - { dataset: scans, tenant: clinic, dataClass: health, "
                + "sizeGib: 40960, changeGibPerDay: 1, site: de-one-a, copies: [de-one-b] }",
            "site-unknown 5:119 datasets[0].copies[0]"
        },
        {
            "name: One",
            "name: One\ndatasets:\n  - { dataset: scans, tenant: clinic, dataClass: health, "
                + "sizeGib: 40960, changeGibPerDay: 1, site: de-one-a, copies: [de-one-a] }",
            "duplicate-id 5:119 datasets[0].copies[0]"
        },
        {
            "name: One",
            "name: One\ndatasets:\n  - { dataset: scans, tenant: clinic, dataClass: health, "
                + "sizeGib: 0, changeGibPerDay: 1, site: de-one-a, copies: [] }",
            "out-of-range 5:67 datasets[0].sizeGib"
        },
        {
            "name: One",
            "name: One\ndatasets:\n  - { dataset: scans, tenant: clinic, dataClass: health, "
                + "sizeGib: \"40 TiB\", changeGibPerDay: 1, site: de-one-a, copies: [] }",
            "field-type 5:67 datasets[0].sizeGib"
        },
        {
            "name: One",
            "name: One\nsiteLinks:\n  - { from: de-one-a, to: de-one-a, gigabitsPerSecond: 10, usdPerGib: 0, "
                + "evidence: { confidence: low, assumed: true } }",
            "link-to-self 5:27 siteLinks[0].to"
        },
        {
            "name: One",
            "name: One\nsiteLinks:\n  - { from: de-one-a, to: de-one-x, gigabitsPerSecond: 10, usdPerGib: 0, "
                + "evidence: { confidence: low, assumed: true } }",
            "site-unknown 5:27 siteLinks[0].to"
        },
        { "sku: h100", "sku: h1000", $"accelerator-unknown 33:18 {Pool}.sku" },
        { "operator: acme", "operator: acmee", "entity-unknown 5:11 operator" },
        { "provider: cloudy", "provider: clody", "provider-unknown 29:19 sites[0].clusters[0].provider" },
        { "providerRegion: de-north", "providerRegion: de-nort",
            "provider-region-unknown 30:25 sites[0].clusters[0].providerRegion" },
        { "sources: [press]", "sources: [pres]", "source-unknown 6:23 evidence.sources[0]" },
        { "    country: \"DE\"", "    country: \"UK\"", "country-unknown 15:14 sites[0].country" },
        { "    country: \"DE\"", "    country: de", "name-format 15:14 sites[0].country" },
        { "region: de-one", "region: De_One", "name-format 2:9 region" },
        { "scheme: BSI_C5", "scheme: BSI_C6", "scheme-unknown 9:13 claims[0].scheme" },
        { "status: active", "status: actve", "value-unknown 17:13 sites[0].status" },
        { "city: Berlin", "city: Berlin\n    city: Bonn", "duplicate-field 17:5 sites[0].city" },
        // Evidence and claims
        { "confidence: low, assumed: true", "confidence: low", "evidence-missing 12:15 claims[0].evidence.sources" },
        { "    scheme: BSI_C5\n", "", "claim-incomplete 8:5 claims[0].scheme" },
        { "scheme: BSI_C5", "scheme: BSI_C5\n    level: 2", "claim-incomplete 10:12 claims[0].level" },
        { "validTo: 2027-12-31", "validTo: 2025-12-31", "claim-period 11:14 claims[0].validTo" },
        { "validTo: 2027-12-31", "validTo: 2027-02-30", "field-type 11:14 claims[0].validTo" },
        // Forms
        { "nodePools:", "nodePools: 3\n        xPools:", "field-type 31:20 sites[0].clusters[0].nodePools" },
        { "claims:", "claims: {}\nxClaims:", "field-type 7:9 claims" },
    };

    [Theory]
    [MemberData(nameof(InTheRegion))]
    public void Tells_slug_line_column_and_path(string old, string replacement, string expected)
    {
        var parsed = RegionText.ParseWith(old, replacement);

        Assert.Contains(expected, parsed.Problems.Select(Short));
        Assert.All(parsed.Problems, problem => Assert.Equal(RegionText.RegionPath, problem.File));
    }

    [Theory]
    [InlineData("accelerators", "watts: 700", "", "field-required 3:5 accelerators[0].watts")]
    [InlineData("jurisdictions", "id: EU", "id: \"FR\"", "country-unknown 10:16 jurisdictions[1].memberOf[0]")]
    [InlineData("jurisdictions", "    group: true\n", "", "no-group 9:16 jurisdictions[1].memberOf[0]")]
    [InlineData("jurisdictions", "id: \"GB\"", "id: GBR", "name-format 13:9 jurisdictions[2].id")]
    [InlineData("jurisdictions", "memberOf: [EU]", "memberOf: [\"GB\"]", "no-group 10:16 jurisdictions[1].memberOf[0]")]
    [InlineData("legal-entities", "    name: Acme Holding", "    parent: acme\n    name: Acme Holding",
        "cycle 6:13 legalEntities[0].parent")]
    [InlineData("legal-entities", "parent: acme-holding", "parent: acme-holdin",
        "entity-unknown 6:13 legalEntities[0].parent")]
    [InlineData("legal-entities", "id: acme-holding", "id: acme", "duplicate-id 8:9 legalEntities[1].id")]
    [InlineData("provider-regions", "code: gb-north", "code: de-north", "duplicate-id 9:11 providerRegions[1].code")]
    public void Tells_what_is_wrong_in_a_catalogue(string catalog, string old, string replacement, string expected)
    {
        var parsed = RegionText.ParseWith($"regions/catalog/{catalog}.yaml", old, replacement);

        Assert.Contains(expected, parsed.Problems.Select(Short));
    }

    [Fact]
    public void Tells_all_problems_of_a_file_at_once()
    {
        var text = RegionText.Region;
        text = RegionText.Changed(text, "name: One", "nam: One");
        text = RegionText.Changed(text, "city: Berlin", "city: NO");
        text = RegionText.Changed(text, "    country: \"DE\"", "    country: \"GB\"");
        text = RegionText.Changed(text, "pue: 1.2", "pue: high");
        text = RegionText.Changed(text, "fabric: infiniband", "fabric: infiniband\n            fabric: roce");
        text = RegionText.Changed(text, "usdPerHour: 2.5", "usdPerHour: &price 2.5");

        var parsed = RegionFiles.Parse([new(RegionText.RegionPath, text), .. RegionText.Files().Skip(1)]);

        Assert.Equal(
            [
                "field-required 1:1 name",
                "unknown-field 3:1 nam",
                "region-contradiction 15:14 sites[0].country",
                "field-type 16:11 sites[0].city",
                "field-type 20:12 sites[0].power.pue",
                "region-contradiction 30:25 sites[0].clusters[0].providerRegion",
                $"duplicate-field 40:13 {Pool}.fabric",
                $"yaml-alias 43:25 {Pool}.usdPerHour",
            ],
            parsed.Problems.Select(Short));
    }

    [Fact]
    public void Names_both_places_of_an_id_that_two_files_declare()
    {
        var second = new SourceFile("regions/de-two.yaml", RegionText.Region);

        var parsed = RegionFiles.Parse([.. RegionText.Files(), second]);

        Assert.Equal(
            [
                "regions/de-two.yaml:2:9 region \"de-one\" is declared already at regions/de-one.yaml:2:9",
                "regions/de-two.yaml:14:11 sites[0].site \"de-one-a\" is declared already at regions/de-one.yaml:14:11",
                "regions/de-two.yaml:27:18 sites[0].clusters[0].cluster \"de-one-a-k8s\" is declared already "
                    + "at regions/de-one.yaml:27:18",
                $"regions/de-two.yaml:32:19 {Pool}.pool \"de-one-a-h100\" is declared already "
                    + "at regions/de-one.yaml:32:19",
            ],
            parsed.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void Names_both_lines_of_a_contradiction_and_both_figures_of_an_inconsistency()
    {
        var country = RegionText.ParseWith("    country: \"DE\"", "    country: \"GB\"");
        var nodes = RegionText.ParseWith("allocatableNodes: 15", "allocatableNodes: 17");

        Assert.Equal("is GB, but the region lies in DE (regions/de-one.yaml:4:15)", country.Problems[0].Message);
        Assert.Equal("is 17, installed are 16", Assert.Single(nodes.Problems).Message);
    }

    [Fact]
    public void Tells_links_that_are_doubled_or_lead_nowhere()
    {
        const string link = "gigabitsPerSecond: 1, roundTripMilliseconds: 1, usdPerGib: 0, "
            + "evidence: { confidence: low, assumed: true } }\n";
        var two = RegionText.Region.Replace("de-one", "de-two", StringComparison.Ordinal);
        var first = new SourceFile(RegionText.RegionPath, $"{RegionText.Region}links:\n  - {{ to: de-two, {link}");
        var second = new SourceFile("regions/de-two.yaml", $"{two}links:\n"
            + $"  - {{ to: de-one, {link}  - {{ to: de-two, {link}  - {{ to: de-thre, {link}");

        var parsed = RegionFiles.Parse([first, second, .. RegionText.Files().Skip(1)]);

        Assert.Equal(
            ["duplicate-link 45:11 links[0].to", "link-to-self 46:11 links[1].to", "region-unknown 47:11 links[2].to"],
            parsed.Problems.Select(Short));
    }

    [Fact]
    public void Tells_power_phases_that_shrink_or_are_out_of_order()
    {
        const string phase = "- { from: 2026-01-01, megawatts: 2, evidence: { sources: [press], confidence: high } }";
        var earlier = phase.Replace("2026-01-01", "2025-01-01", StringComparison.Ordinal);
        var smaller = earlier.Replace("megawatts: 2", "megawatts: 1", StringComparison.Ordinal);

        var parsed = RegionText.ParseWith(phase, $"{phase}\n        {smaller}");

        Assert.Equal(
            [
                "power-phases 23:19 sites[0].power.phases[1].from",
                "power-phases 23:42 sites[0].power.phases[1].megawatts",
            ],
            parsed.Problems.Select(Short));
    }

    [Fact]
    public void Refuses_files_that_are_too_large_too_deep_or_in_the_wrong_place()
    {
        var large = new SourceFile("regions/large.yaml", new string('#', (1 << 20) + 1));
        var deep = new SourceFile("regions/deep.yaml", "a: " + new string('[', 100_000));
        var strayed = new SourceFile("regions/catalog/accelerator.yaml", "a: 1\n");
        var extension = new SourceFile("regions/one.yml", "a: 1\n");

        var parsed = RegionFiles.Parse([.. RegionText.Files(), large, deep, strayed, extension]);

        Assert.Equal(
            [
                "file-unexpected regions/catalog/accelerator.yaml",
                "yaml-depth regions/deep.yaml",
                "file-too-large regions/large.yaml",
                "file-unexpected regions/one.yml",
            ],
            parsed.Problems.Select(problem => $"{problem.Slug} {problem.File}"));
        Assert.Contains("'regions/catalog/accelerators.yaml'", parsed.Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_bomb_is_refused_without_being_expanded()
    {
        var levels = Enumerable.Range(1, 40).Select(level =>
            $"x{level}: &l{level} [{string.Join(", ", Enumerable.Repeat($"*l{level - 1}", 10))}]\n");
        var bomb = $"schemaVersion: 1\nx0: &l0 [lol]\n{string.Concat(levels)}";

        var parsed = RegionFiles.Parse([new("regions/bomb.yaml", bomb)]);

        Assert.Equal(41 + 400, parsed.Problems.Count(problem => problem.Slug == "yaml-alias"));
    }

    [Fact]
    public void References_to_a_catalogue_that_cannot_be_read_are_not_judged()
    {
        var parsed = RegionText.ParseWith("regions/catalog/legal-entities.yaml", "legalEntities:", "legalEntities: [");

        Assert.Equal(["yaml-syntax"], parsed.Problems.Select(problem => problem.Slug));
    }

    private static string Short(Problem problem) =>
        $"{problem.Slug} {problem.Line}:{problem.Column} {problem.Path}";
}
