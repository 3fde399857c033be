using System.Text.Json.Nodes;
using ControlPlane.Files;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Policies;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Placements;

namespace ControlPlane.Server.Tests.Policies;

/// <summary>Policies that are put in force while something runs, by files and by hand.</summary>
public sealed class PolicyActivationTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Path = "/v1/policies:activate";

    [Fact]
    public async Task What_would_become_unlawful_keeps_a_set_out_until_it_is_accepted_and_the_old_set_comes_back()
    {
        var placed = await server.PostAsync(
            "/v1/placements", BadBodies.With("regions", """{"allow":["us-one"]}"""));
        Assert.Equal(201, placed.Status);
        var dataClass = (string)JsonNode.Parse(BadBodies.With("priority", "1"))!["dataClass"]!;
        var old = SmallPolicies.Files().ToSeq();
        var next = old.Append(new SourceFile("policies/stays.yaml", Residency(dataClass))).ToSeq();
        var (before, head) = (await DigestAsync(), await server.HeadAsync());

        var judged = await server.PostAsync(Path, Body(next, validateOnly: true));
        var refused = await server.PostAsync(Path, Body(next));
        var byFiles = Assert.IsType<PoliciesJudged>(await server.SubmitAsync(new ActivatePolicies(next)));
        var unchanged = (await DigestAsync(), await server.HeadAsync());
        var accepted = await server.PostAsync(Path, Body(next, accept: 1));
        var (during, again) = (await DigestAsync(), await server.PostAsync(Path, Body(next, accept: 1)));
        var back = await server.PostAsync(Path, Body(old));

        var unlawful = Assert.Single(judged.Json["newlyUnlawful"]!.AsArray());
        Assert.Equal((false, (string)placed.Json["id"]!, "stays/in-the-eu", "stranded"), (
            (bool)judged.Json["inForce"]!, (string)unlawful!["id"]!, (string)unlawful["rule"]!,
                (string)unlawful["outlook"]!));
        Assert.Equal("409 placements-unlawful", refused.Problem());
        Assert.False(byFiles.InForce);
        Assert.Equal((before, head), unchanged);
        Assert.Equal((200, true, true),
            (accepted.Status, (bool)accepted.Json["inForce"]!, (bool)accepted.Json["changed"]!));
        Assert.Equal(during, (string)accepted.Json["digest"]!);
        Assert.Equal((true, false), ((bool)again.Json["inForce"]!, (bool)again.Json["changed"]!));
        Assert.Equal((200, 1), (back.Status, (int)back.Json["newlyLawful"]!));
        Assert.Equal(before, await DigestAsync());
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_is_named_with_its_line()
    {
        var broken =
            new SourceFile("policies/stays.yaml", Residency("x").Replace("[EU]", "[MARS]", StringComparison.Ordinal));

        var refused = await server.PostAsync(Path, Body([broken]));
        var blank = await server.PostAsync(Path, "{\"files\":[{\"path\":\"policies/a.yaml\"}],\"accept\":1}");

        Assert.Equal("422 policy-invalid /files", refused.Problem());
        Assert.StartsWith("policies/stays.yaml:11:", (string)refused.Json["errors"]![0]!["detail"]!,
            StringComparison.Ordinal);
        Assert.Equal("400 unknown-field /accept", blank.Problem());
    }

    [Fact]
    public async Task The_example_of_the_document_is_judged_and_changes_nothing()
    {
        var before = await DigestAsync();
        var example = Assert.Single(PolicyOperations.Activate.Body!.Examples);

        var judged = await server.PostAsync(Path, example.Json);

        Assert.Equal((200, false), (judged.Status, (bool)judged.Json["inForce"]!));
        Assert.Equal(before, await DigestAsync());
    }

    private async Task<string> DigestAsync() => (string)(await server.GetAsync("/v1/policies")).Json["digest"]!;

    private static string Body(Seq<SourceFile> files, int accept = 0, bool validateOnly = false) => new JsonObject
    {
        ["files"] =
            new JsonArray([.. files.Select(file => new JsonObject { ["path"] = file.Path, ["text"] = file.Text })]),
        ["acceptUnlawful"] = accept,
        ["validateOnly"] = validateOnly,
    }.ToJsonString();

    private static string Residency(string dataClass) => $$"""
        schemaVersion: 1
        id: stays
        because: The tests need it.
        source: { law: Rules of the tests }
        owner: tests
        validFrom: 2020-01-01
        enforcement: mandatory
        match:
          dataClasses: [{{dataClass}}]
        rules:
          - { rule: in-the-eu, kind: residency, allow: [EU] }

        """;
}
