using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Server.Cells;

/// <summary>
/// One message of a cell to the directory, exactly as it leaves: method, path, four headers and the report. The
/// signature covers all of it and the moment, so that nobody can change it or send it again later.
/// </summary>
/// <param name="Method">PUT tells the numbers and asks for those of all; GET only asks.</param>
/// <param name="Path">Path with query.</param>
/// <param name="Cell">Who sends it.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record CellMessage(string Method, string Path, CellId Cell, long At)
{
    public const string CellHeader = "Cplane-Cell";
    public const string AtHeader = "Cplane-At";
    public const string SignatureHeader = "Cplane-Signature";

    public byte[] Body { get; init; } = [];

    /// <summary>What is signed.</summary>
    public byte[] Signed() => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"cplane-cell-1\n{Method}\n{Path}\n{Cell}\n{At}\n{Convert.ToHexStringLower(SHA256.HashData(Body))}"));

    public HttpRequestMessage ToRequest(Uri directory, byte[] signature)
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), new Uri(directory, Path));
        foreach (var (name, value) in Headers(signature)) request.Headers.Add(name, value);
        if (Body.Length == 0) return request;
        request.Content = new ByteArrayContent(Body);
        request.Content.Headers.Add("Content-Type", "application/json");
        return request;
    }

    /// <summary>The text that goes over the wire, before TLS.</summary>
    public string ToText(Uri directory, byte[] signature)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Method} {Path} HTTP/1.1\r\nHost: {directory.Authority}\r\n");
        foreach (var (name, value) in Headers(signature))
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (Body.Length > 0)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"Content-Type: application/json\r\nContent-Length: {Body.Length}\r\n");
        }

        return text.Append("\r\n").Append(Encoding.UTF8.GetString(Body)).ToString();
    }

    private IEnumerable<(string Name, string Value)> Headers(byte[] signature) =>
    [
        (CellHeader, Cell.Value),
        (AtHeader, At.ToString(CultureInfo.InvariantCulture)),
        (SignatureHeader, Convert.ToBase64String(signature)),
    ];
}
