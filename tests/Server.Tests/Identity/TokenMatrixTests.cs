using System.Text.Json.Nodes;
using ControlPlane.Server.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>Which tokens are believed: each case with each algorithm, against an issuer on a real port.</summary>
public sealed class TokenMatrixTests : IAsyncLifetime, IDisposable
{
    private static readonly DateTimeOffset now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly HttpMessageInvoker http = new(new SocketsHttpHandler());
    private readonly SteppedClock clock = new(now);
    private TestIssuer? issuer;
    private TokenReader? reader;

    private TestIssuer Issuer => issuer!; // started before each test

    public async Task InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        var keys = new IssuerKeys(
            new IssuerSpec { Issuer = issuer.Url, Audience = "control-plane" }, http, clock, NullLogger.Instance);
        reader = new TokenReader([new OutsideIssuer(keys)], clock);
    }

    public async Task DisposeAsync()
    {
        await Issuer.DisposeAsync();
    }

    public void Dispose() => http.Dispose();

    /// <summary>Cases by name; each makes a token and says what becomes of it.</summary>
    private static readonly Dictionary<string, (Func<TestIssuer, string, string> Make, string Answer)> cases = new()
    {
        ["as it should be"] = (Changed((_, _) => { }), "accepted"),
        ["type with its long name"] = (Changed((head, _) => head["typ"] = "application/at+jwt"), "accepted"),
        ["several audiences"] = (Changed((_, body) => body["aud"] = new JsonArray("a", "control-plane")), "accepted"),
        ["ran out within the skew"] = (At("exp", -4), "accepted"),
        ["counts soon, within the skew"] = (At("nbf", 4), "accepted"),
        ["ran out"] = (At("exp", -6), "token-time"),
        ["counts later"] = (At("nbf", 60), "token-time"),
        ["never runs out"] = (Changed((_, body) => body.Remove("exp")), "token-invalid"),
        ["runs out at a text"] = (Changed((_, body) => body["exp"] = "tomorrow"), "token-invalid"),
        ["runs out after time ends"] = (Changed((_, body) => body["exp"] = 1e300), "token-invalid"),
        ["another issuer"] = (Changed((_, body) => body["iss"] = "https://other.example"), "token-invalid"),
        ["issuer with a slash more"] = (Changed((_, body) => body["iss"] = $"{body["iss"]}/"), "token-invalid"),
        ["no issuer"] = (Changed((_, body) => body.Remove("iss")), "token-invalid"),
        ["another audience"] = (Changed((_, body) => body["aud"] = "billing"), "token-invalid"),
        ["audience that starts alike"] = (Changed((_, body) => body["aud"] = "control-plane-2"), "token-invalid"),
        ["no audience"] = (Changed((_, body) => body.Remove("aud")), "token-invalid"),
        ["no subject"] = (Changed((_, body) => body.Remove("sub")), "token-invalid"),
        ["subject with a hidden letter"] = (Changed((_, body) => body["sub"] = "al\u202eice"), "token-invalid"),
        ["tenant that is no name"] = (Changed((_, body) => body["tenants"] = "../t1"), "token-invalid"),
        ["actor that is no object"] = (Changed((_, body) => body["act"] = "bob"), "token-invalid"),
        ["id token"] = (Changed((head, _) => head["typ"] = "JWT"), "token-invalid"),
        ["no type"] = (Changed((head, _) => head.Remove("typ")), "token-invalid"),
        ["algorithm none with a signature"] = (Changed((head, _) => head["alg"] = "none"), "token-invalid"),
        ["algorithm that is not listed"] = (Changed((head, _) => head["alg"] = "RS512"), "token-invalid"),
        ["public key as shared secret"] = (Changed((head, _) => head["alg"] = "HS256"), "token-invalid"),
        ["no key id"] = (Changed((head, _) => head.Remove("kid")), "token-invalid"),
        ["key id of nobody"] = (Changed((head, _) => head["kid"] = "nobody"), "token-invalid"),
        ["crit"] = (Changed((head, _) => head["crit"] = new JsonArray("exp")), "token-invalid"),
        ["jku"] = (Changed((head, _) => head["jku"] = "http://127.0.0.1:1/jwks"), "token-invalid"),
        ["jwk"] = (Changed((head, _) => head["jwk"] = new JsonObject { ["kty"] = "oct" }), "token-invalid"),
        ["x5u"] = (Changed((head, _) => head["x5u"] = "http://127.0.0.1:1/cert"), "token-invalid"),
        ["zip"] = (Changed((head, _) => head["zip"] = "DEF"), "token-invalid"),
        ["member twice"] = ((from, algorithm) => TestIssuer.Token(
            from.Header(algorithm).ToJsonString(),
            from.Claims(now).ToJsonString().Replace("{", "{\"sub\":\"bob\",", StringComparison.Ordinal),
            from.KeyFor(algorithm)), "token-invalid"),
        ["half of a surrogate pair"] = ((from, algorithm) => TestIssuer.Token(
            from.Header(algorithm).ToJsonString(),
            from.Claims(now).ToJsonString().Replace("alice", "\\ud800", StringComparison.Ordinal),
            from.KeyFor(algorithm)), "token-invalid"),
        ["same key id, other key"] = ((from, algorithm) =>
        {
            using var other = algorithm[0] == 'E' ? TestKey.OfEc("ec-1") : TestKey.OfRsa("rsa-1");
            return TestIssuer.Token(from.Header(algorithm).ToJsonString(), from.Claims(now).ToJsonString(), other);
        }, "token-invalid"),
        ["key of the other kind"] = ((from, algorithm) =>
        {
            var key = algorithm[0] == 'E' ? from.Rsa : from.Ec;
            var head = from.Header(algorithm);
            head["kid"] = key.Id;
            return TestIssuer.Token(head.ToJsonString(), from.Claims(now).ToJsonString(), key);
        }, "token-invalid"),
        ["no signature"] = ((from, algorithm) =>
            from.Token(algorithm, now)[..(from.Token(algorithm, now).LastIndexOf('.') + 1)], "token-invalid"),
        ["algorithm none without one"] = ((from, _) => TestIssuer.Encode("""{"alg":"none","typ":"at+jwt"}""")
            + $".{TestIssuer.Encode(from.Claims(now).ToJsonString())}.", "token-invalid"),
        ["four parts"] = ((from, algorithm) => $"{from.Token(algorithm, now)}.x", "token-invalid"),
        ["too large"] = (Changed((_, body) => body["x"] = new string('x', 9_000)), "token-too-large"),
    };

    public static TheoryData<string, string> Cells()
    {
        var data = new TheoryData<string, string>();
        foreach (var name in cases.Keys)
            foreach (var algorithm in new[] { "RS256", "PS256", "ES256" }) data.Add(name, algorithm);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_token_is_believed_or_not(string name, string algorithm)
    {
        var token = cases[name].Make(Issuer, algorithm);

        Assert.Equal((name, cases[name].Answer), (name, await AnswerAsync(token)));
        // Also when asked again, whatever was remembered.
        Assert.Equal((name, cases[name].Answer), (name, await AnswerAsync(token)));
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task No_token_with_a_single_letter_changed_is_believed(string algorithm)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";
        var token = Issuer.Token(algorithm, now);
        Assert.Equal("accepted", await AnswerAsync(token));
        var believed = new List<string>();
        for (var at = 0; at < token.Length; at++)
        {
            // Each neighbour in the alphabet and one far away; at the end of a part every letter, for its unused bits.
            var near = Letters.IndexOf(token[at], StringComparison.Ordinal);
            var atEnd = at + 1 == token.Length || token[at + 1] == '.';
            var others = atEnd
                ? Letters
                : $"{Letters[(near + 1) % Letters.Length]}{Letters[(near + 17) % Letters.Length]}"
                    + (char)(token[at] ^ 32);
            foreach (var other in others.Where(letter => letter != token[at]))
            {
                var changed = $"{token[..at]}{other}{token[(at + 1)..]}";
                if (await AnswerAsync(changed) == "accepted") believed.Add($"{at}: {token[at]} -> {other}");
            }
        }

        Assert.Empty(believed);
    }

    [Fact]
    public async Task A_key_that_is_new_is_fetched_at_once_and_one_that_was_withdrawn_does_not_count()
    {
        Assert.Equal("accepted", await AnswerAsync(Issuer.Token("RS256", now)));
        using var next = TestKey.OfRsa("rsa-2");
        Issuer.Publish(next);
        clock.Advance(TimeSpan.FromSeconds(3));
        var head = Issuer.Header("RS256");
        head["kid"] = "rsa-2";

        var withNew = await AnswerAsync(
            TestIssuer.Token(head.ToJsonString(), Issuer.Claims(now).ToJsonString(), next));
        var withOld = await AnswerAsync(Issuer.Token("RS256", now));

        Assert.Equal(("accepted", "token-invalid"), (withNew, withOld));
    }

    [Fact]
    public async Task Known_keys_count_up_to_their_age_when_the_issuer_is_gone_and_without_any_it_is_said()
    {
        var long1 = Long();
        Assert.Equal("accepted", await AnswerAsync(long1));
        await Issuer.DisposeAsync();

        clock.Advance(TimeSpan.FromHours(23));
        var old = await AnswerAsync(long1);
        clock.Advance(TimeSpan.FromHours(2));
        var tooOld = await AnswerAsync(long1);
        using var cold = new IssuerKeys(
            new IssuerSpec { Issuer = Issuer.Url, Audience = "control-plane" }, http, clock, NullLogger.Instance);
        var never = await new TokenReader([new OutsideIssuer(cold)], clock).ReadAsync(long1, CancellationToken.None);

        Assert.Equal(("accepted", "keys-unavailable"), (old, tooOld));
        Assert.Equal("keys-unavailable", Assert.IsType<TokenRefused>(never).Kind.Slug);
        Assert.NotNull(((TokenRefused)never).RetryAfter);
    }

    private string Long()
    {
        var claims = Issuer.Claims(now);
        claims["exp"] = now.AddDays(30).ToUnixTimeSeconds();
        return TestIssuer.Token(Issuer.Header("RS256").ToJsonString(), claims.ToJsonString(), Issuer.Rsa);
    }

    private async Task<string> AnswerAsync(string token) =>
        await reader!.ReadAsync(token, CancellationToken.None) switch // made before each test
        {
            TokenAccepted => "accepted",
            TokenRefused refused => refused.Kind.Slug,
            var other => $"{other}",
        };

    private static Func<TestIssuer, string, string> Changed(Action<JsonObject, JsonObject> change) =>
        (from, algorithm) =>
        {
            var (head, body) = (from.Header(algorithm), from.Claims(now));
            change(head, body);
            return TestIssuer.Token(head.ToJsonString(), body.ToJsonString(), from.KeyFor(algorithm));
        };

    private static Func<TestIssuer, string, string> At(string claim, int seconds) =>
        Changed((_, body) => body[claim] = now.AddSeconds(seconds).ToUnixTimeSeconds());
}

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class SteppedClock(DateTimeOffset start) : TimeProvider
{
    private TimeSpan passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time) => passed += time;

    public override DateTimeOffset GetUtcNow() => start + passed;

    public override long GetTimestamp() => passed.Ticks + TimeSpan.TicksPerDay;
}
