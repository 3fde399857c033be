using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ControlPlane.Rpc;
using Google.Protobuf.WellKnownTypes;

namespace ControlPlane.Sdk.Tests.Rpc;

public sealed class RpcTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Carries_five_hundred_calls_at_once_and_mixes_none_up()
    {
        await using var server = await RpcServer.StartAsync([Echo]);
        using var channel = new RpcChannel(server.Address);
        var filler = new string('x', 20_000);

        var calls = Enumerable.Range(0, 500).Select(number => CallAsync(channel, $"{number}{filler}"));
        var answers = await Task.WhenAll(calls).WaitAsync(Soon);

        Assert.Equal(Enumerable.Range(0, 500).Select(number => $"{number}{filler}"), answers);
    }

    [Fact]
    public async Task Carries_a_message_of_thirty_megabytes()
    {
        await using var server = await RpcServer.StartAsync([Echo]);
        using var channel = new RpcChannel(server.Address);
        var text = new string('é', 15_000_000);

        var answer = await CallAsync(channel, text).WaitAsync(Soon);

        Assert.Equal(text, answer);
    }

    [Fact]
    public async Task Carries_values_nested_deeper_than_protobuf_allows_by_default()
    {
        await using var server = await RpcServer.StartAsync(
            [RpcMethod.Of<Value, Value>("/t.T/Echo", (request, _) => Task.FromResult(request))]);
        using var channel = new RpcChannel(server.Address);
        var value = Value.ForString("leaf");
        for (var level = 0; level < 400; level++)
            value = Value.ForList(value);

        var answer = await channel.CallAsync<Value>("/t.T/Echo", value).WaitAsync(Soon);

        Assert.Equal(value, answer);
    }

    [Theory]
    [InlineData(RpcStatus.InvalidArgument, "name is empty")]
    [InlineData(RpcStatus.Unavailable, "later, maybe")]
    [InlineData(RpcStatus.Unknown, "Müller said: 100 % no\nnever")]
    public async Task A_refusal_arrives_with_its_status_and_text(RpcStatus status, string detail)
    {
        await using var server = await RpcServer.StartAsync([Answer(_ => throw new RpcException(status, detail))]);
        using var channel = new RpcChannel(server.Address);

        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(channel, "x").WaitAsync(Soon));

        Assert.Equal((status, detail), (error.Status, error.Detail));
    }

    [Fact]
    public async Task A_fault_of_the_answerer_is_told_as_unknown()
    {
        await using var server = await RpcServer.StartAsync([Answer(_ => throw new FormatException("bad luck"))]);
        using var channel = new RpcChannel(server.Address);

        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(channel, "x").WaitAsync(Soon));

        Assert.Equal((RpcStatus.Unknown, "bad luck"), (error.Status, error.Detail));
    }

    [Fact]
    public async Task A_method_that_is_not_there_is_unimplemented()
    {
        await using var server = await RpcServer.StartAsync([]);
        using var channel = new RpcChannel(server.Address);

        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(channel, "x").WaitAsync(Soon));

        Assert.Equal((RpcStatus.Unimplemented, "unknown method /t.T/Echo"), (error.Status, error.Detail));
    }

    [Fact]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        var givenUp = new TaskCompletionSource();
        await using var server = await RpcServer.StartAsync([RpcMethod.Of<StringValue, StringValue>(
            "/t.T/Echo",
            async (request, cancellation) =>
            {
                using var watch = cancellation.Register(givenUp.SetResult);
                await Task.Delay(Timeout.Infinite, cancellation);
                return request;
            })]);
        using var channel = new RpcChannel(server.Address);

        var error = await Assert.ThrowsAsync<RpcException>(() => channel.CallAsync<StringValue>(
            "/t.T/Echo", new StringValue { Value = "x" }, TimeSpan.FromMilliseconds(200)).WaitAsync(Soon));
        await givenUp.Task.WaitAsync(Soon);

        Assert.Equal(RpcStatus.DeadlineExceeded, error.Status);
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable_and_named()
    {
        using var channel = new RpcChannel("127.0.0.1:1");

        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(channel, "x").WaitAsync(Soon));

        Assert.Equal(RpcStatus.Unavailable, error.Status);
        Assert.StartsWith("127.0.0.1:1: ", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_dies_during_a_call_is_unavailable_at_once()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var channel = new RpcChannel(listener.LocalEndpoint.ToString()!);
        var watch = Stopwatch.StartNew();

        var call = CallAsync(channel, "x");
        using (var socket = await listener.AcceptSocketAsync())
        {
            await socket.ReceiveAsync(new byte[24]);
            socket.Close(timeout: 0);
        }
        var error = await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(Soon));

        Assert.Equal(RpcStatus.Unavailable, error.Status);
        Assert.True(watch.Elapsed < Soon, $"took {watch.Elapsed}");
    }

    [Theory]
    [InlineData(new byte[] { 0, 0xff, 0, 0, 0 }, "8: a message of 4278190080 bytes is over the limit")]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, "12: compressed messages are not understood")]
    [InlineData(new byte[] { 0, 0, 0 }, "14: the stream ended inside a frame")]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0xff }, "13: not a StringValue: *")]
    public async Task A_broken_frame_is_refused_with_its_reason(byte[] frame, string expected)
    {
        await using var server = await RpcServer.StartAsync([Echo]);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{server.Address}/t.T/Echo")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame),
        };

        using var response = await http.SendAsync(request).WaitAsync(Soon);
        await response.Content.ReadAsByteArrayAsync();

        var trailers = response.TrailingHeaders;
        var text = Uri.UnescapeDataString(trailers.GetValues("grpc-message").Single());
        var status = $"{trailers.GetValues("grpc-status").Single()}: {text}";
        Assert.True(expected.EndsWith('*') ? status.StartsWith(expected[..^1], StringComparison.Ordinal)
            : status == expected, status);
    }

    private static RpcMethod Echo => Answer(text => text);

    private static RpcMethod Answer(Func<string, string> answer) => RpcMethod.Of<StringValue, StringValue>(
        "/t.T/Echo", (request, _) => Task.FromResult(new StringValue { Value = answer(request.Value) }));

    private static async Task<string> CallAsync(RpcChannel channel, string text) =>
        (await channel.CallAsync<StringValue>("/t.T/Echo", new StringValue { Value = text })).Value;
}
