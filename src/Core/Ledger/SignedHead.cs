using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ControlPlane.Ledger;

/// <summary>
/// Says what the ledger was at one moment, signed by the server: how many records, the root of the tree over them and
/// the hash of the last. Kept elsewhere, it shows any later change of what it covers, a cut and a rewriting included.
/// </summary>
public sealed record SignedHead
{
    /// <summary>Records that it covers.</summary>
    public required long Size { get; init; }

    /// <summary>Root of the tree over them.</summary>
    public required Seq<byte> Root { get; init; }

    /// <summary>Hash of the last of them in the chain.</summary>
    public required Seq<byte> Hash { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Public key in its standard form (SubjectPublicKeyInfo).</summary>
    public required Seq<byte> PublicKey { get; init; }

    /// <summary>ECDSA with P-256 and SHA-256 over <see cref="Content"/>: r and s.</summary>
    public required Seq<byte> Signature { get; init; }

    /// <summary>What is signed.</summary>
    public byte[] Content() => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"""
        control-plane ledger head 1
        {Size}
        {Hex(Root)}
        {Hex(Hash)}
        {At.UtcDateTime:O}

        """));

    /// <summary>First half of the digest of the key, by which people know it.</summary>
    public string KeyId => Convert.ToHexStringLower(SHA256.HashData(PublicKey.Span).AsSpan(0, 8));

    /// <summary>Whether the key that it names signed it.</summary>
    public bool IsSigned()
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(PublicKey.Span, out var read);
            return read == PublicKey.Count && key.KeySize == 256
                && key.VerifyData(Content(), Signature.Span, HashAlgorithmName.SHA256);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>One line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(new
    {
        size = Size,
        root = Hex(Root),
        hash = Hex(Hash),
        at = At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        keyId = KeyId,
        publicKey = Convert.ToBase64String(PublicKey.Span),
        signature = Convert.ToBase64String(Signature.Span),
    });

    /// <summary>Null when the text is no head.</summary>
    public static SignedHead? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return new SignedHead
            {
                Size = root.GetProperty("size").GetInt64(),
                Root = Convert.FromHexString(root.GetProperty("root").GetString() ?? "").ToSeq(),
                Hash = Convert.FromHexString(root.GetProperty("hash").GetString() ?? "").ToSeq(),
                At = DateTimeOffset.Parse(
                    root.GetProperty("at").GetString() ?? "", CultureInfo.InvariantCulture,
                    DateTimeStyles.RoundtripKind),
                PublicKey = root.GetProperty("publicKey").GetBytesFromBase64().ToSeq(),
                Signature = root.GetProperty("signature").GetBytesFromBase64().ToSeq(),
            };
        }
        catch (Exception broken) when (
            broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static string Hex(Seq<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
