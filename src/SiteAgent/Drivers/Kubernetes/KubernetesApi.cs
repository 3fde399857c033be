using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.SiteAgent.Drivers.Kubernetes;

/// <summary>
/// Speaks to a Kubernetes API server over plain HTTP. What leaves open whether something was done, and what the server
/// cannot do now, is a <see cref="SiteUnreachableException"/>; the answers that mean something come back as they are.
/// </summary>
internal sealed class KubernetesApi(HttpClient http, Func<string?> token)
{
    private const int PageSize = 500;

    /// <summary>Lists that grow while they are read begin anew this often before that is given up.</summary>
    private const int MostRestarts = 3;

    /// <summary>One object; null when there is none of that name.</summary>
    public async Task<JsonObject?> GetAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(new(HttpMethod.Get, path), cancellation);
        return response.StatusCode == HttpStatusCode.NotFound ? null : await ReadAsync(response, cancellation);
    }

    /// <summary>All objects that a selector names, as they are now, page by page.</summary>
    public async Task<KubernetesList> ListAsync(string path, string selector, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MostRestarts; attempt++)
        {
            if (await TryListAsync(path, selector, cancellation) is { } all) return all;
        }

        throw new SiteUnreachableException($"{path}: the list went stale {MostRestarts} times while it was read");
    }

    /// <summary>
    /// Declares an object's fields as ours; it is made when it is not there. Unforced, it gives null when somebody else
    /// owns one of them.
    /// </summary>
    public async Task<JsonObject?> ApplyAsync(KubernetesApply apply, CancellationToken cancellation)
    {
        var force = apply.Force ? "&force=true" : "";
        var request = new HttpRequestMessage(HttpMethod.Patch, $"{apply.Path}?fieldManager={apply.Manager}{force}")
        {
            Content = Body(apply.Body, "application/apply-patch+yaml"),
        };
        using var response = await SendAsync(request, cancellation);
        return response.StatusCode == HttpStatusCode.Conflict ? null : await ReadAsync(response, cancellation);
    }

    /// <summary>Makes an object; null when one of its name is there already.</summary>
    public async Task<JsonObject?> CreateAsync(string path, JsonObject body, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Body(body, "application/json") };
        using var response = await SendAsync(request, cancellation);
        return response.StatusCode == HttpStatusCode.Conflict ? null : await ReadAsync(response, cancellation);
    }

    /// <summary>Replaces an object; null when it is not the one any more that was read.</summary>
    public async Task<JsonObject?> ReplaceAsync(string path, JsonObject body, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = Body(body, "application/json") };
        using var response = await SendAsync(request, cancellation);
        return response.StatusCode == HttpStatusCode.Conflict ? null : await ReadAsync(response, cancellation);
    }

    /// <summary>Deletes an object and lets what it owns follow; one that is not there is deleted already.</summary>
    public async Task DeleteAsync(
        string path, CancellationToken cancellation, string how = "propagationPolicy=Background")
    {
        using var response = await SendAsync(new(HttpMethod.Delete, $"{path}?{how}"), cancellation);
        if (response.StatusCode != HttpStatusCode.NotFound) await ReadAsync(response, cancellation);
    }

    /// <summary>
    /// What happens after a version, until the server ends the stream. An error inside the stream, such as a version
    /// that is too old, comes as an event of type ERROR.
    /// </summary>
    public async IAsyncEnumerable<JsonObject> WatchAsync(
        string path, string version, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var query = $"{path}?watch=true&allowWatchBookmarks=true&timeoutSeconds=240&resourceVersion={version}";
        using var response = await SendAsync(new(HttpMethod.Get, query), cancellation);
        if (!response.IsSuccessStatusCode) await ReadAsync(response, cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation), Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length > 0) yield return Parse(line);
        }
    }

    private async Task<KubernetesList?> TryListAsync(string path, string selector, CancellationToken cancellation)
    {
        var items = new List<JsonObject>();
        var next = "";
        var query = $"{path}?limit={PageSize}&labelSelector={Uri.EscapeDataString(selector)}";
        while (true)
        {
            using var response = await SendAsync(new(HttpMethod.Get, query + next), cancellation);
            if (response.StatusCode == HttpStatusCode.Gone) return null;
            var page = await ReadAsync(response, cancellation);
            items.AddRange((page["items"] as JsonArray ?? []).OfType<JsonObject>());
            var metadata = page["metadata"];
            if ((string?)metadata?["continue"] is not { Length: > 0 } more)
                return new(items, (string?)metadata?["resourceVersion"] ?? "");
            next = "&continue=" + Uri.EscapeDataString(more);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            if (token() is { } bearer) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            throw new SiteUnreachableException($"{request.Method} {request.RequestUri}: {failure.Message}", failure);
        }
        finally
        {
            request.Dispose();
        }
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        string text;
        try
        {
            text = await response.Content.ReadAsStringAsync(cancellation);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            throw new SiteUnreachableException($"the answer broke off: {failure.Message}", failure);
        }

        if (response.IsSuccessStatusCode) return Dated(Parse(text), response);
        var why = text.Length > 500 ? text[..500] : text;
        throw new SiteUnreachableException($"the API server said {(int)response.StatusCode}: {why}");
    }

    /// <summary>Member that carries the server's own time of an answer; Kubernetes has no field of that name.</summary>
    public const string AnsweredAt = "cplaneAnsweredAt";

    private static JsonObject Dated(JsonObject body, HttpResponseMessage response)
    {
        if (response.Headers.Date is { } date) body[AnsweredAt] = date.ToUnixTimeSeconds();
        return body;
    }

    private static JsonObject Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new SiteUnreachableException("the answer is no object");
        }
        catch (JsonException broken)
        {
            throw new SiteUnreachableException($"the answer is no JSON: {broken.Message}", broken);
        }
    }

    private static StringContent Body(JsonObject body, string type) =>
        new(body.ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
}

/// <summary>A list as it was at a version.</summary>
internal sealed record KubernetesList(IReadOnlyList<JsonObject> Items, string Version);

/// <summary>What is applied where, and in whose name.</summary>
internal sealed record KubernetesApply(string Path, JsonObject Body, string Manager, bool Force);
