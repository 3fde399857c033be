using System.Globalization;
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
        Assert.Equal("409 placements-unlawful ,", refused.Problem());
        Assert.Contains(
            $"({(string)placed.Json["id"]!}): stays/in-the-eu: the site stands in US, outside EU; it might stay until ",
            (string)refused.Json["errors"]![1]!["detail"]!, StringComparison.Ordinal);
        Assert.False(byFiles.InForce);
        Assert.Equal(Today, (string)unlawful["deadline"]!);
        Assert.Equal((before, head), unchanged);
        Assert.Equal((200, true, true),
            (accepted.Status, (bool)accepted.Json["inForce"]!, (bool)accepted.Json["changed"]!));
        Assert.Equal(during, (string)accepted.Json["digest"]!);
        Assert.Equal((true, false), ((bool)again.Json["inForce"]!, (bool)again.Json["changed"]!));
        Assert.Equal((200, 1), (back.Status, (int)back.Json["newlyLawful"]!));
        Assert.Equal(before, await DigestAsync());
    }

    [Fact]
    public async Task What_became_unlawful_is_a_finding_until_it_ends_and_an_earlier_set_is_brought_back_by_its_digest()
    {
        var placed = await server.PostAsync("/v1/placements", BadBodies.With("regions", """{"allow":["us-one"]}"""));
        var id = (string)placed.Json["id"]!;
        var before = await DigestAsync();
        var next = SmallPolicies.Files().Append(new("policies/stays.yaml", Residency(DataClass()))).ToSeq();
        var plan = BadBodies.With("regions", """{"allow":["us-one","de-one"]}""");
        var verdicts = await ExplainedAsync(plan);

        var accepted = await server.PostAsync(Path, Body(next, accept: 1));
        var found = await server.GetAsync("/v1/policies/findings");
        var strangers = await server.GetAsync("/v1/policies/findings?tenant=somebody-else&overdue=false");
        var narrowed = await ExplainedAsync(plan);
        var unknown = await server.PostAsync(Path, new JsonObject { ["digest"] = new string('0', 64) }.ToJsonString());
        var back = await server.PostAsync(Path, new JsonObject { ["digest"] = before }.ToJsonString());
        var restored = await ExplainedAsync(plan);
        var cleared = await server.GetAsync("/v1/policies/findings");
        var again = await server.PostAsync(Path, Body(next, accept: 1));
        await server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"/v1/placements/{id}"));
        var ended = await server.GetAsync("/v1/policies/findings");
        var sets = await server.GetAsync("/v1/policies/sets");
        await server.PostAsync(Path, new JsonObject { ["digest"] = before }.ToJsonString());

        var finding = Assert.Single(found.Json["findings"]!.AsArray())!;
        Assert.Equal((id, Today, false, "stays/in-the-eu"), (
            (string)finding["id"]!, (string)finding["deadline"]!, (bool)finding["overdue"]!,
            (string)finding["breaches"]![0]!["rule"]!));
        Assert.Empty(strangers.Json["findings"]!.AsArray());
        Assert.Equal(404, unknown.Status);
        Assert.Equal((200, before), (back.Status, (string)back.Json["digest"]!));
        Assert.Empty(cleared.Json["findings"]!.AsArray());
        Assert.Empty(ended.Json["findings"]!.AsArray());
        Assert.Equal((200, 200), (accepted.Status, again.Status));
        Assert.NotEqual(verdicts, narrowed);
        Assert.Equal(verdicts, restored);
        var newest = sets.Json["sets"]!.AsArray();
        Assert.Equal([(string)again.Json["digest"]!, before], newest.Take(2).Select(item => (string)item!["digest"]!));
        Assert.Equal((long)newest[0]!["version"]! - 1, (long)newest[1]!["version"]!);
    }

    [Fact]
    public async Task A_set_that_is_ahead_in_one_region_judges_its_places_and_no_others()
    {
        var old = SmallPolicies.Files().ToSeq();
        var closed = SmallPolicies.Files()
            .Append(new(
                "policies/stays.yaml", Residency(DataClass()).Replace("[EU]", "[US]", StringComparison.Ordinal)))
            .ToSeq();
        async Task<string> OutcomeAsync(string region) => (string)(await server.PostAsync(
            "/v1/placements:plan", BadBodies.With("regions", $$"""{"allow":["{{region}}"]}"""))).Json["outcome"]!;

        var staged = await server.PostAsync(Path, Staged(closed, "de-one"));
        var (inGermany, inFrance) = (await OutcomeAsync("de-one"), await OutcomeAsync("fr-one"));
        var shown = await server.GetAsync("/v1/policies");
        var decided = await server.PostAsync(
            "/v1/placements", BadBodies.With("regions", """{"allow":["fr-one","de-one"]}"""));
        var replayed = await server.GetAsync($"/v1/decisions/{(string)decided.Json["id"]!}/replay");
        var unknown = await server.PostAsync(Path, Staged(closed, "atlantis"));
        var everywhere = await server.PostAsync(Path, Body(closed, accept: 100));
        var france = await OutcomeAsync("fr-one");
        var back = await server.PostAsync(Path, Body(old));

        Assert.Equal((200, true), (staged.Status, (bool)staged.Json["inForce"]!));
        Assert.Equal(("refused", "planned"), (inGermany, inFrance));
        var ahead = Assert.Single(shown.Json["ahead"]!.AsArray())!;
        Assert.Equal((string)staged.Json["digest"]!, (string)ahead["digest"]!);
        Assert.Equal("de-one", (string)Assert.Single(ahead["regions"]!.AsArray())!);
        Assert.Equal(("bound", "fr-one", true), (
            (string)decided.Json["outcome"]!, (string)decided.Json["placement"]!["places"]![0]!["region"]!,
            (bool)replayed.Json["same"]!));
        Assert.Equal((string)shown.Json["judgedBy"]!, (string)decided.Json["policyDigest"]!);
        Assert.Equal("422 policy-invalid /files", unknown.Problem());
        Assert.Equal((200, "refused", 200), (everywhere.Status, france, back.Status));
        Assert.Empty((await server.GetAsync("/v1/policies")).Json["ahead"]!.AsArray());
        await server.SendAsync(
            new HttpRequestMessage(HttpMethod.Delete, $"/v1/placements/{(string)decided.Json["id"]!}"));
    }

    [Fact]
    public async Task A_version_that_is_not_newer_is_a_conflict()
    {
        var old = SmallPolicies.Files().ToSeq();
        var next = old.Append(new("policies/stays.yaml", Residency("other-data"))).ToSeq();
        var current = (long)(await server.GetAsync("/v1/policies")).Json["version"]!;

        var outdated = await server.PostAsync(Path, Versioned(next, current));
        var newer = await server.PostAsync(Path, Versioned(next, current + 5));
        var back = await server.PostAsync(Path, Body(old));

        Assert.Equal("412 version-conflict /version", outdated.Problem());
        Assert.Contains($"version {current} is in force", (string)outdated.Json["detail"]!, StringComparison.Ordinal);
        Assert.Equal((200, current + 5), (newer.Status, (long)newer.Json["version"]!));
        Assert.Equal(current + 6, (long)back.Json["version"]!);
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

    private static string Today => DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string DataClass() => (string)JsonNode.Parse(BadBodies.With("priority", "1"))!["dataClass"]!;

    /// <summary>Every verdict on every pool, as bytes.</summary>
    private async Task<string> ExplainedAsync(string request)
    {
        var planned = await server.PostAsync(
            "/v1/placements:plan", ((JsonObject)JsonNode.Parse(request)!).With("explain", true).ToJsonString());
        return planned.Json["explanation"]!.ToJsonString();
    }

    private static string Staged(Seq<SourceFile> files, string region) =>
        ((JsonObject)JsonNode.Parse(Body(files, accept: 100))!).With("regions", new JsonArray(region)).ToJsonString();

    private static string Versioned(Seq<SourceFile> files, long version) =>
        ((JsonObject)JsonNode.Parse(Body(files))!).With("version", version).ToJsonString();

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

/// <summary>Adds a member to a body.</summary>
file static class Bodies
{
    public static JsonObject With(this JsonObject body, string name, JsonNode value)
    {
        body[name] = value;
        return body;
    }
}
