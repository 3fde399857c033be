using System.Security.Cryptography;
using System.Text.Json;
using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Policies;
using ControlPlane.Server.Tests.Api;

namespace ControlPlane.Server.Tests.Policies;

/// <summary>A server that puts policies in force only with an approval that it knows, asked over HTTP.</summary>
public sealed class SignedPoliciesTests : IDisposable
{
    private readonly ECDsa accepted = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa retired = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        accepted.Dispose();
        retired.Dispose();
    }

    [Fact]
    public async Task Only_a_set_that_is_signed_as_it_is_with_a_key_that_counts_is_put_in_force()
    {
        var shipped = SmallPolicies.Files().ToSeq();
        await using var server = new TestServer
        {
            PolicyKeys = PolicyKeys.Parse(accepted.ExportSubjectPublicKeyInfoPem()).Value,
            MoreFiles = [new(PolicySignature.FilePath, Sign(accepted, shipped).ToText())],
        };
        await server.InitializeAsync();
        var next = shipped.Select(file => file with
        {
            Text = file.Text.Replace("accelerators: 4", "accelerators: 5", StringComparison.Ordinal),
        }).ToSeq();
        var (good, stale) = (Sign(accepted, next), Sign(retired, next));
        var before = await server.HeadAsync();

        (string What, Reply Reply)[] refused =
        [
            ("unsigned", await ActivateAsync(server, next, null)),
            ("of another set", await ActivateAsync(server, next, Sign(accepted, shipped))),
            ("by a retired key", await ActivateAsync(server, next, stale)),
            ("by a retired key in the name of another", await ActivateAsync(
                server, next, stale with { KeyId = good.KeyId })),
            ("cut short", await ActivateAsync(server, next, good with { Value = good.Value[..^4] })),
            ("not base64", await ActivateAsync(server, next, good with { Value = "!!" })),
        ];
        var after = (await server.RecordsAsync()).Count(record => record.Event is PoliciesActivated);
        var asked = await ActivateAsync(server, next, null, onlyJudge: true);
        var done = await ActivateAsync(server, next, good);
        var sets = await server.GetAsync("/v1/policies/sets");

        Assert.All(
            refused, each => Assert.Equal($"{each.What}: 403 signature", $"{each.What}: {each.Reply.Problem()}"));
        Assert.All(refused, each => Assert.Contains(good.KeyId, each.Reply.Text, StringComparison.Ordinal));
        Assert.Equal(1, after);
        Assert.Equal((200, false), (asked.Status, (bool)asked.Json["inForce"]!));
        Assert.Equal((200, true), (done.Status, (bool)done.Json["inForce"]!));
        Assert.Contains($"\"{good.KeyId}\"", sets.Text, StringComparison.Ordinal);
        Assert.NotEqual(before, await server.HeadAsync());
    }

    private static PolicySignature Sign(ECDsa key, Seq<SourceFile> files)
    {
        var digest = PolicyFiles.Parse(files, SmallFleet.Fleet).Value.Digest;
        var value = key.SignData(
            PolicySignature.Signed(digest), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new PolicySignature(
            PolicySignature.NameOf(key.ExportSubjectPublicKeyInfo()), Convert.ToBase64String(value));
    }

    private static Task<Reply> ActivateAsync(
        TestServer server, Seq<SourceFile> files, PolicySignature? signature, bool onlyJudge = false)
    {
        var body = new Dictionary<string, object>
        {
            ["files"] = files.Select(file => new { path = file.Path, text = file.Text }), ["validateOnly"] = onlyJudge,
        };
        if (signature is not null) body["signature"] = new { keyId = signature.KeyId, value = signature.Value };
        return server.PostAsync("/v1/policies:activate", JsonSerializer.Serialize(body));
    }
}
