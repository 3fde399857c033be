using System.Security.Cryptography;
using ControlPlane.Files;

namespace ControlPlane.Policies;

/// <summary>The public keys whose holders may approve policy sets; none means that nobody has to.</summary>
public sealed class PolicyKeys
{
    private readonly SortedDictionary<string, byte[]> keys = new(StringComparer.Ordinal);

    /// <summary>No keys: sets need no signature.</summary>
    public static PolicyKeys None { get; } = new();

    public bool AreGiven => keys.Count > 0;

    /// <summary>Reads public keys in PEM, one after the other.</summary>
    public static Checked<PolicyKeys> Parse(string pem)
    {
        var read = new PolicyKeys();
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var found))
        {
            using var key = ECDsa.Create();
            try
            {
                key.ImportFromPem(rest[found.Location]);
            }
            catch (Exception broken) when (broken is ArgumentException or CryptographicException)
            {
                return Wrong($"holds something that is no public key of ECDSA: {broken.Message}");
            }

            if (key.KeySize != 256) return Wrong($"holds a key of {key.KeySize} bits; a key on P-256 is needed");
            var bytes = key.ExportSubjectPublicKeyInfo();
            read.keys[PolicySignature.NameOf(bytes)] = bytes;
            rest = rest[found.Location.End..];
        }

        return read.AreGiven ? Checked<PolicyKeys>.Valid(read) : Wrong("holds no public key in PEM");
    }

    /// <summary>What is wrong with the signature of a set; null when it may be put in force.</summary>
    public string? Fault(string digest, PolicySignature? signature)
    {
        if (!AreGiven) return null;
        var accepted = $"accepted keys are {string.Join(", ", keys.Keys)}";
        if (signature is null) return $"set {digest} is not signed; {accepted}";
        if (!keys.TryGetValue(signature.KeyId, out var bytes))
            return $"set {digest} is signed with key {signature.KeyId}, which is not accepted; {accepted}";
        var value = new byte[signature.Value.Length];
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(bytes, out _);
        return Convert.TryFromBase64String(signature.Value, value, out var length)
            && key.VerifyData(PolicySignature.Signed(digest), value.AsSpan(0, length), HashAlgorithmName.SHA256,
                DSASignatureFormat.Rfc3279DerSequence)
            ? null
            : $"the signature with key {signature.KeyId} is not one of set {digest}";
    }

    private static Checked<PolicyKeys> Wrong(string what) =>
        Checked<PolicyKeys>.Invalid([new Problem("signature", "", what)]);
}
