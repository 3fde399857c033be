using System.Net;
using System.Net.Sockets;
using System.Text;
using ControlPlane.Files;
using ControlPlane.SiteAgent.Failover;
using ControlPlane.SiteAgent.Hosting;

namespace ControlPlane.SiteAgent.Tests.Failover;

/// <summary>Other sites that an agent tries to reach, from the option to the request.</summary>
public sealed class PeerWayTests
{
    private static readonly string[] Needed = ["--url", "https://cp.example", "--site", "de-a"];

    [Fact]
    public void Addresses_of_peers_stay_as_they_are_written()
    {
        var options = Parse(
            [.. Needed, "--peers", "fr-a=https://b.example/healthz, us-a=http://c.example/live?deep=1"]);

        Assert.Equal(
            [new("fr-a", "https://b.example/healthz"), new("us-a", "http://c.example/live?deep=1")],
            options.Value.Peers.Select(peer => (peer.Key.Value, peer.Value.AbsoluteUri)));
        Assert.Equal("https://cp.example/", options.Value.Server!.AbsoluteUri);
    }

    [Fact]
    public void What_is_no_address_of_a_peer_is_named_and_simulated_sites_take_none()
    {
        var wrong = Parse([.. Needed, "--peers", "fr-a=b.example,nobody"]);
        var own = Parse([.. Needed, "--peers", "fr-a=https://b.example,de-a=https://a.example"]);
        var twice = Parse([.. Needed, "--peers", "fr-a=https://b.example,fr-a=https://c.example"]);
        var simulated = Parse(
            [.. Needed, "--driver", "simulated", "--regions", ".", "--peers", "fr-a=https://b.example"]);

        Assert.Equal(
            ["must be an http or https address, is b.example", "must be SITE=URL,SITE=URL, has nobody"],
            wrong.Problems.Select(problem => problem.Message));
        Assert.Equal(
            ["--peers: names de-a itself: what counts is what others reach"],
            own.Problems.Select(problem => $"{problem.Path}: {problem.Message}"));
        Assert.Equal(
            ["--peers: names fr-a twice"], twice.Problems.Select(problem => $"{problem.Path}: {problem.Message}"));
        Assert.Equal(
            ["--peers: is for real sites; simulated ones try each other anyway"],
            simulated.Problems.Select(problem => $"{problem.Path}: {problem.Message}"));
    }

    [Fact]
    public async Task Where_a_peer_sends_us_is_not_followed_for_its_answer_is_enough()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var way = new PeerWay(caFile: null);

        // Nobody listens on port 1: to go there would fail.
        var answering = AnswerAsync(listener, "302 Found\r\nLocation: http://127.0.0.1:1/");
        await way.ReachAsync(new($"http://127.0.0.1:{port}/live?deep=1"), CancellationToken.None);
        var asked = await answering;

        Assert.Equal("GET /live?deep=1 HTTP/1.1", asked);
    }

    private static Checked<AgentOptions> Parse(string[] arguments) => AgentOptions.Parse(arguments, _ => null);

    /// <summary>Answers one request; gives its first line.</summary>
    private static async Task<string?> AnswerAsync(TcpListener listener, string answer)
    {
        using var accepted = await listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(accepted.GetStream(), Encoding.ASCII);
        var first = await reader.ReadLineAsync();
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
            // The headers tell nothing.
        }

        var bytes = Encoding.ASCII.GetBytes($"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        await accepted.GetStream().WriteAsync(bytes);
        return first;
    }
}
