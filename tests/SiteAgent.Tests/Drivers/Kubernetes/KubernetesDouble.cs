using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

/// <summary>
/// Answers over a real socket as an API server does, strict where a real one is: an apply needs a manager, a field
/// that is not known is a 500, a stale version a 409, a watch from too long ago an ERROR inside a 200.
/// </summary>
internal sealed partial class KubernetesDouble : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly DoubleControllers controllers;

    private KubernetesDouble(WebApplication app)
    {
        this.app = app;
        controllers = new(Store);
    }

    public DoubleStore Store { get; } = new();

    public Uri Url => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!
        .Addresses.Single() + "/");

    /// <summary>Requests by verb and kind, for what must not be asked more than once.</summary>
    public System.Collections.Concurrent.ConcurrentBag<string> Asked { get; } = [];

    public static async Task<KubernetesDouble> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var made = new KubernetesDouble(app);
        app.Run(made.AnswerAsync);
        await app.StartAsync();
        made.controllers.Begin();
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await controllers.DisposeAsync();
        await app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var path = DoublePath.Parse(request.Path);
        if (path is null)
        {
            await RefuseAsync(context, 404, "the server could not find the requested resource");
            return;
        }

        Asked.Add($"{request.Method} {path.Kind}");
        if (request.Query.ContainsKey("watch"))
        {
            await WatchAsync(context, path);
            return;
        }

        var body = request.ContentLength > 0 ? await JsonNode.ParseAsync(request.Body) as JsonObject : null;
        var (status, answer) = Decide(request, path, body);
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(answer);
    }

    private (int Status, JsonObject Answer) Decide(HttpRequest request, DoublePath path, JsonObject? body)
    {
        lock (Store.Gate)
        {
            return (request.Method, path.Name) switch
            {
                ("GET", null) => List(request, path),
                ("GET", _) => Store.Find(request.Path!) is { } item ? (200, Copy(item)) : Refusal(404, "not found"),
                ("POST", null) => Create(request, path, body!),
                ("PUT", { }) => Replace(request, body!),
                ("PATCH", { }) => Apply(request, path, body!),
                ("DELETE", { }) => Delete(request),
                _ => Refusal(405, "method not allowed"),
            };
        }
    }

    private (int, JsonObject) List(HttpRequest request, DoublePath path)
    {
        var wanted = request.Query["labelSelector"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
        var items = Store.In(path).Select(entry => entry.Item).Where(item => wanted.All(term => Matches(item, term)));
        var from = int.TryParse(request.Query["continue"], out var skip) ? skip : 0;
        var limit = int.TryParse(request.Query["limit"], out var most) ? most : int.MaxValue;
        var page = items.Skip(from).Take(limit).Select(item => (JsonNode)Copy(item)).ToArray();
        var more = items.Skip(from).Skip(limit).Any() ? $"{from + limit}" : "";
        return (200, new()
        {
            ["kind"] = "List",
            ["metadata"] = new JsonObject { ["resourceVersion"] = $"{Store.Version}", ["continue"] = more },
            ["items"] = new JsonArray(page),
        });
    }

    private (int, JsonObject) Create(HttpRequest request, DoublePath path, JsonObject body)
    {
        var name = (string?)body["metadata"]?["name"] ?? "";
        if (!Name().IsMatch(name)) return Refusal(422, $"metadata.name: invalid value {name}");
        var key = $"{request.Path}/{name}";
        if (!SpaceExists(path)) return Refusal(404, $"namespaces \"{path.Space}\" not found");
        if (Store.Find(key) is not null) return Refusal(409, $"{path.Kind} \"{name}\" already exists");
        return (201, Copy(Store.Add(key, Copy(body))));
    }

    private (int, JsonObject) Replace(HttpRequest request, JsonObject body)
    {
        if (Store.Find(request.Path!) is not { } current) return Refusal(404, "not found");
        var version = (string?)body["metadata"]?["resourceVersion"];
        if (version is not null && version != (string?)current["metadata"]!["resourceVersion"])
            return Refusal(409, "the object has been modified; please apply your changes to the latest version");
        return (200, Copy(Store.Change(request.Path!, next => next["data"] = body["data"]?.DeepClone())));
    }

    private (int, JsonObject) Apply(HttpRequest request, DoublePath path, JsonObject body)
    {
        if (!(request.ContentType ?? "").StartsWith("application/apply-patch+yaml", StringComparison.Ordinal))
            return Refusal(415, "only apply patches are offered here");
        var manager = request.Query["fieldManager"].ToString();
        if (manager.Length == 0) return Refusal(422, "fieldManager: required for apply patch");
        if (DoubleSchema.Unknown(path.Kind, body) is { } unknown)
            return Refusal(500, $"failed to create typed patch object: .{unknown}: field not declared in schema");
        if (!Name().IsMatch(path.Name!)) return Refusal(422, $"metadata.name: invalid value {path.Name}");
        if (!SpaceExists(path)) return Refusal(404, $"namespaces \"{path.Space}\" not found");
        var current = Store.Find(request.Path!);
        if (current is not null && body["spec"]?["template"] is { } template && path.Kind == "jobs"
            && !JsonNode.DeepEquals(current["spec"]?["template"], template))
            return Refusal(422, "spec.template: field is immutable");
        var conflicts = Store.Apply(request.Path!, body, manager, request.Query["force"] == "true");
        return conflicts.Count > 0
            ? Refusal(409, $"Apply failed with {conflicts.Count} conflicts: {string.Join(", ", conflicts)}")
            : (current is null ? 201 : 200, Copy(Store.Find(request.Path!)!));
    }

    private (int, JsonObject) Delete(HttpRequest request)
    {
        if (Store.Find(request.Path!) is not { } item) return Refusal(404, "not found");
        var copy = Copy(item);
        Store.Remove(request.Path!);
        return (200, copy);
    }

    private async Task WatchAsync(HttpContext context, DoublePath path)
    {
        var after = long.TryParse(
            context.Request.Query["resourceVersion"], NumberStyles.None, CultureInfo.InvariantCulture, out var seen)
            ? seen : 0;
        context.Response.ContentType = "application/json";
        await context.Response.Body.FlushAsync();
        while (!context.RequestAborted.IsCancellationRequested)
        {
            IReadOnlyList<JsonObject>? events;
            lock (Store.Gate)
            {
                events = Store.Since(path, after);
                if (events is not null) after = Math.Max(after, Store.Version);
            }

            foreach (var change in events ?? [TooOld()])
            {
                await context.Response.WriteAsync(change.ToJsonString() + "\n", Encoding.UTF8);
            }

            await context.Response.Body.FlushAsync();
            if (events is null) return;
            await Task.Delay(20);
        }
    }

    private bool SpaceExists(DoublePath path) =>
        path.Space is null || Store.Find($"/api/v1/namespaces/{path.Space}") is not null;

    private static bool Matches(JsonObject item, string term)
    {
        var labels = item["metadata"]?["labels"];
        return term.Split('=') is [var key, var value]
            ? (string?)labels?[key] == value
            : labels?[term] is not null;
    }

    private static JsonObject TooOld() => new()
    {
        ["type"] = "ERROR",
        ["object"] = Refusal(410, "too old resource version").Answer,
    };

    private static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(Refusal(status, message).Answer);
    }

    private static (int Status, JsonObject Answer) Refusal(int status, string message) => (status, new()
    {
        ["kind"] = "Status", ["status"] = "Failure", ["code"] = status, ["message"] = message,
    });

    private static JsonObject Copy(JsonObject item) => item.DeepClone().AsObject();

    [GeneratedRegex("^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$")]
    private static partial Regex Name();
}
