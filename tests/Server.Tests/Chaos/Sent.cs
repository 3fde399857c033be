using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ControlPlane.Server.Tests.Chaos;

/// <summary>A placement that was asked for, what is known of the answer, and whether its end was asked for.</summary>
internal sealed class Sent(string key, string workload, string body)
{
    public string Key => key;

    public string Workload => workload;

    /// <summary>First answer that settled it; null while the outcome is not known.</summary>
    public Reply? Answer { get; private set; }

    /// <summary>The placement; null when it was refused or the outcome is not known.</summary>
    public Guid? Placement { get; private set; }

    /// <summary>Whether a release was sent.</summary>
    public bool ReleaseSent { get; set; }

    /// <summary>Whether a release was acknowledged.</summary>
    public bool Released { get; set; }

    /// <summary>Sends it, for the first time or once more with the same key.</summary>
    /// <returns>Null when the answer settles nothing: the server died, or said that it cannot tell.</returns>
    public async Task<Reply?> SendAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/placements")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { { "Idempotency-Key", key } },
        };
        try
        {
            using var response = await http.SendAsync(request);
            if (response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict
                or HttpStatusCode.TooManyRequests) return null;
            return new Reply(response.StatusCode, await response.Content.ReadAsByteArrayAsync());
        }
        catch (Exception lost) when (IsLost(lost))
        {
            return null;
        }
    }

    // A server that is killed while it is connected to shows as a bare error of the socket.
    private static bool IsLost(Exception failure) =>
        failure is HttpRequestException or TaskCanceledException or IOException or SocketException;

    public void Settle(Reply reply)
    {
        Answer = reply;
        using var document = JsonDocument.Parse(reply.Body);
        if (reply.Status == HttpStatusCode.Created) Placement = document.RootElement.GetProperty("id").GetGuid();
    }

    /// <summary>Gives the placement back. Null when the answer settles nothing.</summary>
    public async Task<HttpStatusCode?> ReleaseAsync(HttpClient http)
    {
        ReleaseSent = true;
        try
        {
            using var response = await http.DeleteAsync(new Uri($"/v1/placements/{Placement}", UriKind.Relative));
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return null;
            if (response.StatusCode == HttpStatusCode.NoContent) Released = true;
            return response.StatusCode;
        }
        catch (Exception lost) when (IsLost(lost))
        {
            return null;
        }
    }
}

/// <summary>A status and the bytes that came with it.</summary>
internal sealed record Reply(HttpStatusCode Status, byte[] Body)
{
    public bool Equals(Reply? other) =>
        other is not null && Status == other.Status && Body.AsSpan().SequenceEqual(other.Body);

    public override int GetHashCode() => HashCode.Combine(Status, Body.Length);

    public override string ToString() => $"{(int)Status} {Encoding.UTF8.GetString(Body)}";
}
