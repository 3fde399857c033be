using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.SiteAgent.Drivers.Slurm;

/// <summary>
/// Speaks to slurmrestd, version 0.0.38 of its API. It answers 500 for much that is no bug, a wrong token among it, so
/// only what it says in <c>errors</c> tells one from the other.
/// </summary>
internal sealed class SlurmApi(HttpClient http, string user, Func<string> token)
{
    private const string Root = "slurm/v0.0.38/";

    public async Task<IReadOnlyList<JsonObject>> JobsAsync(CancellationToken cancellation) =>
        Items(await SendAsync(HttpMethod.Get, "jobs", null, cancellation), "jobs");

    public async Task<IReadOnlyList<JsonObject>> NodesAsync(CancellationToken cancellation) =>
        Items(await SendAsync(HttpMethod.Get, "nodes", null, cancellation), "nodes");

    /// <summary>Submits a job and gives its number.</summary>
    public async Task<long> SubmitAsync(JsonObject job, CancellationToken cancellation) =>
        (long?)(await SendAsync(HttpMethod.Post, "job/submit", job, cancellation))["job_id"]
        ?? throw new SiteUnreachableException("slurmrestd took the job and gave it no number");

    public Task CancelAsync(long job, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, $"job/{job}", null, cancellation);

    private async Task<JsonObject> SendAsync(
        HttpMethod method, string path, JsonObject? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, Root + path);
        request.Headers.Add("X-SLURM-USER-NAME", user);
        request.Headers.Add("X-SLURM-USER-TOKEN", token());
        // With a charset beside it, slurmrestd does not know the type.
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        try
        {
            using var response = await http.SendAsync(request, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            var answer = text.StartsWith('{') ? JsonNode.Parse(text) as JsonObject : null;
            var errors = answer?["errors"] as JsonArray ?? [];
            if (response.IsSuccessStatusCode && answer is not null && errors.Count == 0) return answer;
            var why = errors.Count > 0 ? errors.ToJsonString() : text;
            throw new SiteUnreachableException(
                $"slurmrestd said {(int)response.StatusCode} to {path}: {(why.Length > 300 ? why[..300] : why)}");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or JsonException)
        {
            throw new SiteUnreachableException($"slurmrestd gave no answer to {path}: {failure.Message}", failure);
        }
    }

    private static IReadOnlyList<JsonObject> Items(JsonObject answer, string name) =>
        [.. (answer[name] as JsonArray ?? throw new SiteUnreachableException($"slurmrestd sent no {name}"))
            .OfType<JsonObject>()];
}
