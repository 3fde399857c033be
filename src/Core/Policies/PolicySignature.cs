using ControlPlane.Files;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Policies;

/// <summary>
/// Says that somebody who holds a key approves a policy set: ECDSA on P-256 with SHA-256 over the set's digest, which
/// names every byte of the law. It is detached, so that signing changes no policy and no digest.
/// </summary>
/// <param name="KeyId">Names the key: the first 16 digits of SHA-256 over it, in hexadecimal.</param>
/// <param name="Value">The signature in base64, in DER as OpenSSL writes it.</param>
public sealed record PolicySignature(string KeyId, string Value)
{
    /// <summary>File beside the policies that holds the signature of them all.</summary>
    public const string FilePath = "policies/set.sig";

    private const string KeyField = "key: ";
    private const string ValueField = "signature: ";

    /// <summary>The bytes that are signed for a set.</summary>
    public static byte[] Signed(string digest) => Encoding.ASCII.GetBytes($"control-plane policy set\n{digest}\n");

    /// <summary>The name of a public key, given as SubjectPublicKeyInfo.</summary>
    public static string NameOf(ReadOnlySpan<byte> publicKey) =>
        Convert.ToHexStringLower(SHA256.HashData(publicKey)[..8]);

    /// <summary>What the file holds.</summary>
    public string ToText() => $"{KeyField}{KeyId}\n{ValueField}{Value}\n";

    /// <summary>Reads the file; anything else than two fields is a problem.</summary>
    public static Checked<PolicySignature> Parse(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines is [var key, var value]
            && key.StartsWith(KeyField, StringComparison.Ordinal)
            && value.StartsWith(ValueField, StringComparison.Ordinal)
            ? Checked<PolicySignature>.Valid(new(key[KeyField.Length..], value[ValueField.Length..]))
            : Checked<PolicySignature>.Invalid(
            [
                new Problem("signature", "", $"must be the two lines '{KeyField}ID' and '{ValueField}BASE64'")
                {
                    File = FilePath, Line = 1, Column = 1,
                },
            ]);
    }
}
