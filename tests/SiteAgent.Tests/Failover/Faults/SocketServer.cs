using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.SiteAgent.Tests.Failover.Faults;

/// <summary>Puts the server double behind a real socket, where answers can be lost after their effect.</summary>
internal sealed class SocketServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpMessageInvoker way;
    private int requests;

    private SocketServer(WebApplication app, ServerDouble server)
    {
        (this.app, Server) = (app, server);
        way = new(server, disposeHandler: false);
    }

    public ServerDouble Server { get; }

    /// <summary>Requests that arrived; a run with too few of them shows nothing.</summary>
    public int Requests => requests;

    /// <summary>Answers of one in so many requests are lost after they took effect; 0 for none.</summary>
    public int LosesOneIn { get; set; }

    public Uri Url => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!
        .Addresses.Single() + "/");

    public static async Task<SocketServer> StartAsync(string address, TimeSpan lease)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{address}:0");
        var app = builder.Build();
        var made = new SocketServer(
            app, new(TimeProvider.System) { Lease = lease, DesiredWait = TimeSpan.FromSeconds(3) });
        app.Run(made.AnswerAsync);
        await app.StartAsync();
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        way.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var number = Interlocked.Increment(ref requests);
        using var request = new HttpRequestMessage(
            new(context.Request.Method), $"http://server{context.Request.Path}{context.Request.QueryString}");
        request.Content = new StreamContent(context.Request.Body);
        if (context.Request.Headers.Authorization.ToString() is { Length: > 7 } bearer)
            request.Headers.Authorization = new("Bearer", bearer["Bearer ".Length..]);
        using var answer = await way.SendAsync(request, context.RequestAborted);
        if (LosesOneIn > 0 && number % LosesOneIn == 0)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
