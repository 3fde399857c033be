using System.Security.Cryptography;
using System.Text.Json;
using ControlPlane.Policies;

namespace ControlPlane.Cli.Tests.Policies;

public sealed class SignCommandTests
{
    [Fact]
    public async Task Writes_a_signature_that_the_key_confirms_and_that_an_activation_sends()
    {
        using var folder = new TemporaryFolder();
        using var server = new StubServer().With("POST /v1/policies:activate", 403, """
            {"type":"/problems/signature","title":"The policies are not approved","status":403,
             "detail":"set 1 is signed with key 2, which is not accepted; accepted keys are 3","errors":[]}
            """);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        folder.Write("key.pem", key.ExportECPrivateKeyPem());
        PolicyTree.Write(folder);
        var cplane = new Cplane { Directory = folder.Path, Url = server.Url };

        var signed = await cplane.RunAsync("policy", "sign", "tree", "--key-file", "key.pem");
        var refused = await cplane.RunAsync("policy", "activate", "tree");

        Assert.Equal((0, ""), (signed.ExitCode, signed.Error));
        var digest = signed.Output.Split("  ")[1];
        var file = File.ReadAllText(Path.Combine(folder.Path, "tree", PolicySignature.FilePath));
        Assert.Null(PolicyKeys.Parse(key.ExportSubjectPublicKeyInfoPem()).Value
            .Fault(digest, PolicySignature.Parse(file).Value));
        var sent = JsonDocument.Parse(Assert.Single(server.Requests).Body).RootElement.GetProperty("signature");
        Assert.Equal(
            PolicySignature.Parse(file).Value,
            new PolicySignature(sent.GetProperty("keyId").GetString()!, sent.GetProperty("value").GetString()!));
        Assert.Equal((4, ""), (refused.ExitCode, refused.Output));
        Assert.EndsWith("accepted keys are 3 [signature]\n", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_cannot_be_used_is_said_to_be_one()
    {
        using var folder = new TemporaryFolder();
        folder.Write("key.pem", "nonsense");
        PolicyTree.Write(folder);

        var ended = await new Cplane { Directory = folder.Path }
            .RunAsync("policy", "sign", "tree", "--key-file", "key.pem");

        Assert.Equal((3, ""), (ended.ExitCode, ended.Output));
        Assert.EndsWith("[signature]\n", ended.Error, StringComparison.Ordinal);
    }
}
