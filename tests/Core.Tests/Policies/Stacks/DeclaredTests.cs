using System.Text.Json;
using ControlPlane.Policies.Stacks;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Policies.Stacks;

/// <summary>What the region file declares holds against configuration and against other keys.</summary>
public sealed class DeclaredTests
{
    private const string Open = "allowed-providers, provider-region: ";
    private const string Undeclared = ", in which the region file declares no cluster";

    private static readonly Fleet Shipped = RegionFiles.Parse(Checkout.Read("regions")).Value;
    private static readonly DateTimeOffset AsOf = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("pulumi:disable-default-providers", "[\"*\"]", "")]
    [InlineData("aws:region", "us-east-1", Open + "aws:region: aws region us-east-1 lies in US, outside DE")]
    [InlineData("aws:region", "eusc-de-east-1", Open + "aws:region is eusc-de-east-1" + Undeclared)]
    [InlineData("gcp:region", "europe-west3", Open + "gcp:region is europe-west3" + Undeclared)]
    public void Configuration_decides_nothing_behind_the_region_file(string name, string value, string expected)
    {
        var at = new PlanCase(Shipped, Shipped.FindRegion(new("de-aws-frankfurt"))!, AsOf);

        var findings = PlanRules.All.SelectMany(rule => rule.JudgeConfig(at, [new(name, value)])).ToList();

        const string file = " (stacks/config/Pulumi.de-aws-frankfurt.yaml)";
        Assert.All(findings, finding => Assert.EndsWith(file, finding.Because, StringComparison.Ordinal));
        Assert.Equal(expected, string.Join(", ", findings.Select(finding =>
            finding.Rule == "provider-region" ? $"{finding.Rule}: {finding.Because[..^file.Length]}" : finding.Rule)));
    }

    [Theory]
    [InlineData("arn:aws:kms:eu-central-1:1:key/1", "")]
    [InlineData("arn:aws:kms:eu-central-1:1:key/2", "encryptionConfig.provider.keyArn is "
        + "arn:aws:kms:eu-central-1:1:key/2; the region file holds arn:aws:kms:eu-central-1:1:key/1")]
    [InlineData(PlanValue.UnknownMarker, "")]
    public void Once_the_region_file_holds_a_key_another_one_is_refused(string key, string expected)
    {
        const string declared = "        providerRegion: eu-central-1\n";
        const string held = "        keyId: \"arn:aws:kms:eu-central-1:1:key/1\"\n";
        var files = Checkout.Read("regions").Select(file => file.Path == "regions/de-aws-frankfurt.yaml"
            ? file with { Text = file.Text.Replace(declared, declared + held, StringComparison.Ordinal) }
            : file);
        var fleet = RegionFiles.Parse([.. files]).Value;
        var at = new PlanCase(fleet, fleet.FindRegion(new("de-aws-frankfurt"))!, AsOf);
        using var inputs = JsonDocument.Parse($$"""{ "encryptionConfig": { "provider": { "keyArn": "{{key}}" } } }""");

        var findings = new HeldKeyRule().Judge(at, new PlannedResource
        {
            Urn = "urn:it",
            Type = "aws:eks/cluster:Cluster",
            Name = "it",
            Properties = (PlanMap)PlanValue.Of(inputs.RootElement),
        });

        Assert.Equal(expected, string.Join(", ", findings.Select(finding => finding.Because)));
    }
}
