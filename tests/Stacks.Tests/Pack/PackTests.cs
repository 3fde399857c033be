using ControlPlane.Rpc;
using Google.Protobuf.WellKnownTypes;

namespace ControlPlane.Stacks.Tests.Pack;

public sealed class PackTests
{
    private const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    [Fact]
    public async Task Refuses_a_provider_abroad_and_names_file_rule_and_reason()
    {
        using var pack = await StartedAsync("de-aws-frankfurt", isPreview: true);

        var answer = await AnalyzeAsync(pack, "pulumi:providers:aws", ("region", Value.ForString("us-east-1")));

        var said = Assert.Single(answer.Diagnostics);
        Assert.Equal(
            "regions/de-aws-frankfurt.yaml: rule provider-region: region: aws region us-east-1 lies in US, outside DE",
            said.Message);
        Assert.Equal(("provider-region", EnforcementLevel.Mandatory), (said.PolicyName, said.EnforcementLevel));
        Assert.Equal(("control-plane-sovereignty", PolicySeverity.Critical), (said.PolicyPackName, said.Severity));
    }

    [Theory]
    [InlineData(true, EnforcementLevel.Advisory)]
    [InlineData(false, EnforcementLevel.Mandatory)]
    public async Task What_is_not_known_is_told_in_a_preview_and_refused_at_the_update(
        bool isPreview, EnforcementLevel level)
    {
        using var pack = await StartedAsync("de-aws-frankfurt", isPreview);

        var answer = await AnalyzeAsync(pack, "pulumi:providers:aws", ("region", Value.ForString(Unknown)));

        var said = Assert.Single(answer.Diagnostics);
        Assert.Equal(level, said.EnforcementLevel);
        Assert.EndsWith(
            "rule provider-region: not decided yet: region is not known yet", said.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Puts_missing_tags_right_and_keeps_secrets_and_unknown_values()
    {
        using var pack = await StartedAsync("de-aws-frankfurt", isPreview: true);
        var secret = Value.ForStruct(new Struct
        {
            Fields =
            {
                ["4dabf18193072939515e22adb298388d"] = Value.ForString("1b47061264138c4ac30d75fd1eb44270"),
                ["value"] = Value.ForString("hidden"),
            },
        });
        var request = Request("aws:ec2/vpc:Vpc", [("cidrBlock", Value.ForString(Unknown)), ("secret", secret)]);

        var answer = await pack.Channel.CallAsync<RemediateResponse>(AnalyzerMethods.Remediate, request);

        var better = Assert.Single(answer.Remediations).Properties.Fields;
        Assert.Equal(Unknown, better["cidrBlock"].StringValue);
        Assert.Equal(secret, better["secret"]);
        Assert.Equal("de-aws-frankfurt", better["tags"].StructValue.Fields["cplane-region"].StringValue);
    }

    [Fact]
    public async Task A_rule_can_be_configured_as_advisory_or_disabled()
    {
        using var pack = await StartedAsync("de-aws-frankfurt", isPreview: true);
        var config = new ConfigureAnalyzerRequest();
        config.PolicyConfig["provider-region"] = new PolicyConfig { EnforcementLevel = EnforcementLevel.Advisory };
        config.PolicyConfig["tags"] = new PolicyConfig { EnforcementLevel = EnforcementLevel.Disabled };
        await pack.Channel.CallAsync<Empty>(AnalyzerMethods.Configure, config);

        var abroad = await AnalyzeAsync(pack, "aws:ec2/vpc:Vpc", ("region", Value.ForString("us-east-1")));

        Assert.Equal([EnforcementLevel.Advisory], abroad.Diagnostics.Select(item => item.EnforcementLevel));
    }

    [Fact]
    public async Task Judges_the_whole_stack_at_the_end()
    {
        using var pack = await StartedAsync("de-aws-frankfurt", isPreview: true);
        var request = new AnalyzeStackRequest();
        request.Resources.Add(new AnalyzerResource
        {
            Urn = "urn:pulumi:de-aws-frankfurt::control-plane::aws:eks/nodeGroup:NodeGroup::extra",
            Type = "aws:eks/nodeGroup:NodeGroup",
            Name = "extra",
            Properties = new Struct { Fields = { ["scalingConfig"] = Value.ForStruct(new Struct()) } },
        });

        var answer = await pack.Channel.CallAsync<AnalyzeResponse>(AnalyzerMethods.AnalyzeStack, request);

        var said = Assert.Single(answer.Diagnostics);
        Assert.StartsWith(
            "regions/de-aws-frankfurt.yaml: rule capacity: label cplane-pool is missing",
            said.Message,
            StringComparison.Ordinal);
        Assert.Equal(request.Resources[0].Urn, said.Urn);
    }

    [Fact]
    public async Task Refuses_to_judge_a_stack_that_is_named_after_no_region()
    {
        using var pack = await PackProcess.StartAsync(Checkout.Root);
        var request = new AnalyzerStackConfigureRequest { Stack = "de-aws-frankfrut" };

        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            pack.Channel.CallAsync<AnalyzerStackConfigureResponse>(AnalyzerMethods.ConfigureStack, request));

        Assert.Equal(RpcStatus.FailedPrecondition, refused.Status);
        Assert.Contains("did you mean", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_to_judge_without_region_files()
    {
        using var pack = await PackProcess.StartAsync(Path.GetTempPath());

        var refused = await Assert.ThrowsAsync<RpcException>(() => AnalyzeAsync(pack, "aws:ec2/vpc:Vpc"));

        Assert.Equal(RpcStatus.FailedPrecondition, refused.Status);
        Assert.Contains("regions/catalog", refused.Detail, StringComparison.Ordinal);
    }

    /// <summary>
    /// A folder with PulumiPolicy.yaml is built and then run as its one project; an executable is run as it is.
    /// </summary>
    [Theory]
    [InlineData("dotnet", "run", "--no-build", "-c", "Release", "--project", "policies", "--")]
    [InlineData("policies/pack/bin/Release/net10.0/control-plane-policies")]
    public async Task Is_started_as_a_folder_and_as_an_executable(string program, params string[] first)
    {
        var runner = program == "dotnet" ? program : Path.Combine(Checkout.Root, program);
        var words = first.Select(word => word == "policies" ? Path.Combine(Checkout.Root, word) : word);
        using var pack = await PackProcess.StartAsync(Path.Combine(Checkout.Root, "stacks"), runner, [.. words]);

        var facts = await pack.Channel.CallAsync<AnalyzerInfo>(AnalyzerMethods.GetAnalyzerInfo, new Empty());
        await pack.Channel.CallAsync<Empty>(AnalyzerMethods.Cancel, new Empty());

        Assert.Equal("control-plane-sovereignty", facts.Name);
        Assert.Equal(0, await pack.EndAsync());
        var folder = Path.Combine(Checkout.Root, "policies");
        Assert.Contains("runtime: dotnet\n", File.ReadAllText(Path.Combine(folder, "PulumiPolicy.yaml")));
        Assert.Single(Directory.EnumerateFiles(folder, "*.*proj"));
    }

    [Fact]
    public async Task Refuses_settings_that_break_a_claim_before_the_first_resource()
    {
        using var pack = await PackProcess.StartAsync(Checkout.Root);
        var request = new AnalyzerStackConfigureRequest { Stack = "de-aws-frankfurt", Project = "control-plane" };
        request.Config["control-plane:platform"] = """
            schemaVersion: 1
            controlPlaneUrl: https://control-plane.example
            agentImage: registry.example/agent@sha256:0000000000000000000000000000000000000000000000000000000000000000
            kubernetesVersion: "1.33"
            egress: nat
            clusters:
              - cluster: de-aws-frankfurt-eks
                addressBlock: 10.25.0.0/16
                keyStore: { storeId: cks-1, keyId: key-1 }
            """;

        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            pack.Channel.CallAsync<AnalyzerStackConfigureResponse>(AnalyzerMethods.ConfigureStack, request));

        Assert.Equal(RpcStatus.PermissionDenied, refused.Status);
        Assert.Equal(
            "the policy pack refuses this stack:\nstacks/config/Pulumi.de-aws-frankfurt.yaml: rule region-file: "
            + "clusters[de-aws-frankfurt-eks].keyStore is given, but regions/de-aws-frankfurt.yaml claims no external "
            + "key custody",
            refused.Detail);
    }

    [Fact]
    public async Task Ends_when_it_is_cancelled()
    {
        using var pack = await PackProcess.StartAsync(Checkout.Root);

        await pack.Channel.CallAsync<Empty>(AnalyzerMethods.Cancel, new Empty());

        Assert.Equal(0, await pack.EndAsync());
    }

    private static async Task<PackProcess> StartedAsync(string stack, bool isPreview)
    {
        var pack = await PackProcess.StartAsync(Path.GetTempPath());
        var handshake = new AnalyzerHandshakeRequest
        {
            EngineAddress = "127.0.0.1:1",
            RootDirectory = Checkout.Root,
            ProgramDirectory = Path.Combine(Checkout.Root, "stacks"),
        };
        await pack.Channel.CallAsync<AnalyzerHandshakeResponse>(AnalyzerMethods.Handshake, handshake);
        var configure =
            new AnalyzerStackConfigureRequest { Stack = stack, Project = "control-plane", DryRun = isPreview };
        await pack.Channel.CallAsync<AnalyzerStackConfigureResponse>(AnalyzerMethods.ConfigureStack, configure);
        return pack;
    }

    private static Task<AnalyzeResponse> AnalyzeAsync(
        PackProcess pack, string type, params (string Name, Value Value)[] properties) =>
        pack.Channel.CallAsync<AnalyzeResponse>(AnalyzerMethods.Analyze, Request(type, properties));

    private static AnalyzeRequest Request(string type, IEnumerable<(string Name, Value Value)> properties)
    {
        var request = new AnalyzeRequest
        {
            Type = type,
            Name = "it",
            Urn = $"urn:pulumi:de-aws-frankfurt::control-plane::{type}::it",
            Properties = new Struct(),
        };
        foreach (var (name, value) in properties) request.Properties.Fields[name] = value;
        return request;
    }
}
