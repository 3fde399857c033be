using System.Security.Cryptography;
using ControlPlane.Policies;

namespace ControlPlane.Core.Tests.Policies;

public sealed class PolicySignatureTests
{
    private const string Digest = "be77c8116302ee16a8e07c64ddf7bdfd74aa695684ceadc33ba4ab9fa14c14fa";

    [Fact]
    public void A_set_needs_the_signature_of_a_known_key_over_just_this_set()
    {
        using var mine = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var keys = PolicyKeys.Parse(mine.ExportSubjectPublicKeyInfoPem()).Value;
        var id = PolicySignature.NameOf(mine.ExportSubjectPublicKeyInfo());
        var sound = Sign(mine, Digest);
        var unknown = Sign(other, Digest);

        Assert.Null(keys.Fault(Digest, sound));
        Assert.Equal($"set {Digest} is not signed; accepted keys are {id}", keys.Fault(Digest, null));
        Assert.Equal(
            $"set {Digest} is signed with key {unknown.KeyId}, which is not accepted; accepted keys are {id}",
            keys.Fault(Digest, unknown));
        Assert.Equal(
            $"the signature with key {id} is not one of set {Digest}", keys.Fault(Digest, Sign(mine, new('0', 64))));
        Assert.NotNull(keys.Fault(Digest, sound with { Value = unknown.Value }));
        Assert.NotNull(keys.Fault(Digest, sound with { Value = "no base64" }));
        Assert.NotNull(keys.Fault(Digest, sound with { Value = "" }));
        Assert.Null(PolicyKeys.None.Fault(Digest, null));
    }

    [Fact]
    public void A_file_of_keys_may_hold_several_and_nothing_else()
    {
        using var one = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var two = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var both = $"{one.ExportSubjectPublicKeyInfoPem()}\n{two.ExportSubjectPublicKeyInfoPem()}\n";

        var keys = PolicyKeys.Parse(both).Value;

        Assert.Null(keys.Fault(Digest, Sign(one, Digest)));
        Assert.Null(keys.Fault(Digest, Sign(two, Digest)));
        Assert.False(PolicyKeys.Parse("").IsValid);
        Assert.False(PolicyKeys.Parse(large.ExportSubjectPublicKeyInfoPem()).IsValid);
        Assert.False(PolicyKeys.Parse("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n").IsValid);
    }

    [Fact]
    public void A_signature_is_read_as_it_is_written()
    {
        var signature = new PolicySignature("0123456789abcdef", "c2lnbmVk");

        Assert.Equal(signature, PolicySignature.Parse(signature.ToText()).Value);
        Assert.Equal("signature", PolicySignature.Parse("key: 1\n").Problems[0].Slug);
    }

    private static PolicySignature Sign(ECDsa key, string digest) => new(
        PolicySignature.NameOf(key.ExportSubjectPublicKeyInfo()),
        Convert.ToBase64String(key.SignData(
            PolicySignature.Signed(digest), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
}
