using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace ControlPlane.Rpc;

/// <summary>Calls unary gRPC methods of one peer over HTTP/2 without TLS; it never retries.</summary>
public sealed class RpcChannel : IDisposable
{
    private static readonly MediaTypeHeaderValue GrpcContent = new("application/grpc");
    private readonly HttpClient http;

    /// <summary>Names a peer as <c>host:port</c>; nothing is sent before the first call.</summary>
    public RpcChannel(string address)
    {
        if (!Uri.TryCreate($"http://{address}", UriKind.Absolute, out var peer))
        {
            throw new ArgumentException($"'{address}' is not a host and port", nameof(address));
        }
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(20),
            // No keep-alive pings: the engine hangs up on those who ping more often than every five minutes,
            // and one that dies closes its connections.
            UseProxy = false,
        };
        http = new HttpClient(handler)
        {
            BaseAddress = peer,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>Sends one message to <c>/package.Interface/Method</c> and waits for its answer.</summary>
    public async Task<TReply> CallAsync<TReply>(
        string method, IMessage request, TimeSpan? deadline = null, CancellationToken cancellation = default)
        where TReply : class, IMessage<TReply>, new()
    {
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (deadline is { } granted)
        {
            clock.CancelAfter(granted);
        }
        try
        {
            using var message = Compose(method, request, deadline);
            using var response = await http
                .SendAsync(message, HttpCompletionOption.ResponseHeadersRead, clock.Token).ConfigureAwait(false);
            return await ReadAsync<TReply>(method, response, clock.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new RpcException(RpcStatus.Unavailable, $"{http.BaseAddress!.Authority}: {error.Message}", error);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new RpcException(RpcStatus.DeadlineExceeded, $"{method} took longer than {deadline}", error);
        }
    }

    public void Dispose() => http.Dispose();

    private static HttpRequestMessage Compose(string method, IMessage request, TimeSpan? deadline)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(RpcFrame.Write(request)),
        };
        message.Content.Headers.ContentType = GrpcContent;
        message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (deadline is { } granted)
        {
            message.Headers.Add(RpcTimeout.Header, RpcTimeout.Write(granted));
        }
        return message;
    }

    private static async Task<TReply> ReadAsync<TReply>(
        string method, HttpResponseMessage response, CancellationToken cancellation)
        where TReply : class, IMessage<TReply>, new()
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var status = response.StatusCode == HttpStatusCode.NotFound ? RpcStatus.Unimplemented : RpcStatus.Unknown;
            throw new RpcException(status, $"{method} answered HTTP {(int)response.StatusCode}");
        }
        ThrowUnlessOk(response.Headers);
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var reply = await RpcFrame.ReadAsync<TReply>(stream, cancellation).ConfigureAwait(false);
            // Trailers exist only once the body was read to its end.
            if (await stream.ReadAsync(new byte[1], cancellation).ConfigureAwait(false) != 0)
            {
                throw new RpcException(RpcStatus.Internal, $"{method} answered more than one message");
            }
            if (!ThrowUnlessOk(response.TrailingHeaders))
            {
                throw new RpcException(RpcStatus.Unavailable, $"{method}: the peer ended the call without a status");
            }
            return reply ?? throw new RpcException(RpcStatus.Internal, $"{method} answered nothing");
        }
    }

    /// <summary>True when the headers say that the call ended well, false when they say nothing.</summary>
    private static bool ThrowUnlessOk(HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues("grpc-status", out var values))
        {
            return false;
        }
        if (!int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            throw new RpcException(RpcStatus.Unknown, $"'{values.First()}' is not a status");
        }
        if (status != 0)
        {
            var detail = headers.TryGetValues("grpc-message", out var texts) ? texts.First() : "";
            throw new RpcException((RpcStatus)status, Uri.UnescapeDataString(detail));
        }
        return true;
    }
}
