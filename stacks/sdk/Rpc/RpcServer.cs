using System.Globalization;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Rpc;

/// <summary>Answers unary gRPC calls on a loopback port, over HTTP/2 without TLS.</summary>
public sealed class RpcServer : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);
    private readonly WebApplication app;

    private RpcServer(WebApplication app, int port) => (this.app, Port) = (app, port);

    public int Port { get; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>
    /// Starts with the methods given; any other method is answered as unimplemented. Port 0 picks one.
    /// </summary>
    public static async Task<RpcServer> StartAsync(
        IReadOnlyCollection<RpcMethod> methods, int port = 0, CancellationToken cancellation = default)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            // The frame has a limit of its own, and a program may take its time.
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.MinResponseDataRate = null;
            // Programs register thousands of resources at once over one connection.
            options.Limits.Http2.MaxStreamsPerConnection = 10_000;
            options.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        var byPath = methods.ToDictionary(method => method.Path, StringComparer.Ordinal);
        app.Run(context => byPath.TryGetValue(context.Request.Path.Value ?? "", out var method)
            ? AnswerAsync(context, method)
            : EndAsync(context, RpcStatus.Unimplemented, $"unknown method {context.Request.Path}"));
        await app.StartAsync(cancellation).ConfigureAwait(false);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new RpcServer(app, new Uri(addresses.Addresses.Single()).Port);
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(StopPatience);
        await app.StopAsync(patience.Token).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task AnswerAsync(HttpContext context, RpcMethod method)
    {
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (RpcTimeout.Read(context.Request.Headers[RpcTimeout.Header]) is { } granted)
        {
            clock.CancelAfter(granted);
        }
        IMessage reply;
        try
        {
            reply = await method.AnswerAsync(context.Request.Body, clock.Token).ConfigureAwait(false);
        }
        catch (RpcException error)
        {
            await EndAsync(context, error.Status, error.Detail).ConfigureAwait(false);
            return;
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            var status = clock.IsCancellationRequested ? RpcStatus.DeadlineExceeded : RpcStatus.Cancelled;
            await EndAsync(context, status, $"{method.Path} was given up").ConfigureAwait(false);
            return;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The fault belongs to this call; the peer is told and decides, as the protocol demands.
            await EndAsync(context, RpcStatus.Unknown, error.Message).ConfigureAwait(false);
            return;
        }
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(RpcFrame.Write(reply), context.RequestAborted).ConfigureAwait(false);
        await EndAsync(context, RpcStatus.Ok, "").ConfigureAwait(false);
    }

    private static async Task EndAsync(HttpContext context, RpcStatus status, string detail)
    {
        if (context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is not { } trailers)
        {
            context.Response.StatusCode = StatusCodes.Status505HttpVersionNotsupported;
            return;
        }
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.StartAsync().ConfigureAwait(false);
        }
        trailers["grpc-status"] = ((int)status).ToString(CultureInfo.InvariantCulture);
        if (detail.Length > 0)
        {
            trailers["grpc-message"] = Uri.EscapeDataString(detail);
        }
        await context.Response.CompleteAsync().ConfigureAwait(false);
    }
}
