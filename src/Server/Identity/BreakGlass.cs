using System.Text.Json;
using ControlPlane.Files;
using ControlPlane.Server.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Lends somebody a permission in an emergency: it is asked for with a reason and an end, approved by a second person,
/// and used by the one who asked together with their own token. Asking and approval are texts that a server signed, so
/// every server knows them and they end by themselves.
/// </summary>
internal sealed class BreakGlass(ServerKey key, ServerKeyStore keys, TimeProvider clock)
{
    /// <summary>Header in which an approval goes along with the token of the one who asked.</summary>
    public const string Header = "Cplane-Break-Glass";

    public const int MostMinutes = 120;

    /// <summary>How long somebody has to be found who approves.</summary>
    private static readonly TimeSpan waiting = TimeSpan.FromMinutes(30);

    private const string Asked = "break-glass-ask+jwt";
    private const string Approved = "break-glass-approval+jwt";

    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>What the second person is shown and signs off.</summary>
    public string Ask(Caller caller, EmergencyNeed need) => Sign(Asked, caller, need, clock.GetUtcNow().Add(waiting));

    /// <summary>The approval of an ask, or what is missing.</summary>
    public async Task<Checked<Approval>> ApproveAsync(Caller second, string ask, CancellationToken cancellation)
    {
        if (await ReadAsync(ask, Asked, cancellation) is not { } asked)
            return Missing("the ask is none that a server signed, or it waited longer than 30 minutes");
        if ((asked.Issuer, asked.Subject) == (second.Issuer, second.Subject) || second.OnBehalfOf == asked.Subject)
            return Missing("the second person is the one who asked");
        var until = clock.GetUtcNow().AddMinutes(asked.Need.Minutes);
        var caller = second with { Issuer = asked.Issuer, Subject = asked.Subject };
        return Checked<Approval>.Valid(new Approval(Sign(Approved, caller, asked.Need, until), asked, until));
    }

    /// <summary>Why an approval does not lend its bearer a permission; null when it does.</summary>
    public async Task<Problem?> ProblemAsync(
        Caller caller, Permission needs, string approval, CancellationToken cancellation)
    {
        if (await ReadAsync(approval, Approved, cancellation) is not { } given)
        {
            return await ReadAsync(approval, Asked, cancellation) is null
                ? Of("the approval is none that a server signed, or it has run out")
                : Of("it was asked for and no second person has approved it yet");
        }

        if ((given.Issuer, given.Subject) != (caller.Issuer, caller.Subject))
            return Of("the approval is somebody else's");
        return given.Need.Permission == needs.Scope ? null : Of($"the approval is for '{given.Need.Permission}'");
    }

    private static Problem Of(string detail) => ProblemCatalog.ApprovalRequired.At(Header, detail);

    private static Checked<Approval> Missing(string detail) =>
        Checked<Approval>.Invalid([ProblemCatalog.ApprovalRequired.At("/ask", detail)]);

    private string Sign(string type, Caller caller, EmergencyNeed need, DateTimeOffset until) =>
        handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = type,
            SigningCredentials = new SigningCredentials(key.Security, SecurityAlgorithms.EcdsaSha256),
            Claims = new Dictionary<string, object>
            {
                ["iss"] = caller.Issuer,
                ["sub"] = caller.Subject,
                ["aud"] = OwnIssuer.Audience,
                ["exp"] = until.ToUnixTimeSeconds(),
                ["permission"] = need.Permission,
                ["reason"] = need.Reason,
                ["minutes"] = need.Minutes,
            },
        });

    private async Task<SignedNeed?> ReadAsync(string text, string type, CancellationToken cancellation)
    {
        if (TokenText.Parse(text) is not { } token || token.Type != type || token.Algorithm != "ES256") return null;
        if (await keys.FindAsync(token.KeyId, cancellation) is not { } signer) return null;
        var valid = await handler.ValidateTokenAsync(text, new TokenValidationParameters
        {
            ValidIssuer = token.Issuer,
            ValidAudience = OwnIssuer.Audience,
            IssuerSigningKey = signer,
            ValidAlgorithms = ["ES256"],
            ValidateLifetime = false,
        });
        if (!valid.IsValid || TokenTime.Of(token.Payload) is not { } time) return null;
        if (time.Problem(clock.GetUtcNow()) is not null) return null;
        return new SignedNeed(token.Issuer, TokenText.Member(token.Payload, "sub"), NeedOf(token.Payload));
    }

    private static EmergencyNeed NeedOf(JsonElement payload) => new(
        TokenText.Member(payload, "permission"), TokenText.Member(payload, "reason"),
        payload.GetProperty("minutes").GetInt32());
}

/// <summary>What is needed in an emergency, why, and for how long once it is approved.</summary>
internal sealed record EmergencyNeed(string Permission, string Reason, int Minutes);

/// <summary>A need that a server signed, with who has it.</summary>
internal sealed record SignedNeed(string Issuer, string Subject, EmergencyNeed Need);

/// <summary>An approval: the text that lends the permission, what it is for, and until when.</summary>
internal sealed record Approval(string Text, SignedNeed Asked, DateTimeOffset Until);
