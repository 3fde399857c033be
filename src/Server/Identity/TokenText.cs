using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace ControlPlane.Server.Identity;

/// <summary>
/// A token taken apart, strictly: three parts, each written in the one way base64url has for its bytes, JSON without
/// repeated members, and no header by which a token could bring or point to its own key. Nothing in it is believed
/// yet.
/// </summary>
internal sealed record TokenText(string Text, JsonElement Header, JsonElement Payload)
{
    /// <summary>Longer tokens are not looked at.</summary>
    public const int MostLetters = 8192;

    // A header that names a key, or that demands to be understood, is refused whatever it says.
    private static readonly string[] foreign = ["crit", "jku", "jwk", "x5u", "x5c", "zip", "b64"];

    private static readonly JsonDocumentOptions strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    public string Algorithm => Member(Header, "alg");

    public string KeyId => Member(Header, "kid");

    /// <summary>The typ without its optional prefix.</summary>
    public string Type => Member(Header, "typ") is var type
        && type.StartsWith("application/", StringComparison.OrdinalIgnoreCase) ? type["application/".Length..] : type;

    public string Issuer => Member(Payload, "iss");

    /// <summary>Null when the text is no token in this strict sense.</summary>
    public static TokenText? Parse(string text)
    {
        var parts = text.Split('.');
        if (text.Length > MostLetters || parts.Length != 3) return null;
        if (Bytes(parts[0]) is not { } header || Bytes(parts[1]) is not { } payload
            || Bytes(parts[2]) is not { Length: > 0 })
            return null;
        return Read(header) is { } head && Read(payload) is { } body
            && !foreign.Any(name => head.TryGetProperty(name, out _))
                ? new TokenText(text, head, body)
                : null;
    }

    /// <summary>A member that is text; empty when it is absent or something else.</summary>
    public static string Member(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>A member that is text with words or a list of texts; null when it is absent, or not that.</summary>
    public static Seq<string>? Words(JsonElement from, string name)
    {
        if (!from.TryGetProperty(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToSeq();
        return value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String)
                .Select(item => item.GetString()!).ToSeq()
            : null;
    }

    private static byte[]? Bytes(string part)
    {
        if (part.Length == 0 || part.Length % 4 == 1) return null;
        var ascii = Encoding.UTF8.GetBytes(part);
        var bytes = new byte[Base64Url.GetMaxDecodedLength(ascii.Length)];
        if (!Base64Url.IsValid(ascii) || !Base64Url.TryDecodeFromUtf8(ascii, bytes, out var length)) return null;
        var exact = bytes[..length];
        // Several texts stand for the same bytes; only the one that an encoder writes is taken.
        return Base64Url.EncodeToString(exact) == part ? exact : null;
    }

    private static JsonElement? Read(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return null;
            ReadTexts(document.RootElement);
            return document.RootElement.Clone();
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Text that is no text, such as half of a surrogate pair, is met here and not where it is used.</summary>
    private static void ReadTexts(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _ = value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray()) ReadTexts(item);
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    _ = member.Name;
                    ReadTexts(member.Value);
                }

                break;
        }
    }
}
