using System.Globalization;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Issues tokens for trying things out on one machine: one for each role and one with all of them, in files that only
/// the user of the server can read. A server that listens beyond loopback has none.
/// </summary>
internal sealed class LocalIssuer(ServerKey key, TimeProvider clock)
{
    /// <summary>Name of the token that can do everything.</summary>
    public const string Everything = "developer";

    /// <summary>Where a person of a local token resides: anywhere, which no other issuer can say.</summary>
    public const string Anywhere = "*";

    private static readonly TimeSpan lifetime = TimeSpan.FromHours(24);

    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };

    public static string FolderOf(string dataDirectory) => Path.Combine(dataDirectory, "identity", "tokens");

    /// <summary>A token with these roles, all their scopes, for every tenant.</summary>
    public string TokenFor(string name, params IEnumerable<Role> roles) => Mint(new Dictionary<string, object>
    {
        ["sub"] = $"local-{name}",
        ["roles"] = roles.Select(role => role.Name).ToArray(),
        ["scope"] = string.Join(' ', Permission.All
            .Where(each => roles.Any(role => role.Grants.Contains(each))).Select(each => each.Scope)),
        ["tenants"] = new[] { Caller.EveryTenant },
        ["residence"] = Anywhere,
    });

    /// <summary>A token with these claims; issuer, audience and times are added where they are not given.</summary>
    public string Mint(IDictionary<string, object> claims)
    {
        var now = clock.GetUtcNow();
        var all = new Dictionary<string, object>(claims, StringComparer.Ordinal);
        all.TryAdd("iss", OwnIssuer.Local);
        all.TryAdd("aud", OwnIssuer.Audience);
        all.TryAdd("iat", now.ToUnixTimeSeconds());
        all.TryAdd("exp", now.Add(lifetime).ToUnixTimeSeconds());
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Claims = all,
            TokenType = "at+jwt",
            SigningCredentials = new SigningCredentials(key.Security, SecurityAlgorithms.EcdsaSha256),
        });
    }

    /// <summary>Writes the tokens anew, each whole or not at all, so that nobody reads half of one.</summary>
    public void WriteTokens(string dataDirectory)
    {
        var folder = FolderOf(dataDirectory);
        Directory.CreateDirectory(
            folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ServerKey.WriteSecret(FileOf(folder, Everything), TokenFor(Everything, Role.All.Where(IsOnePersons)));
        foreach (var role in Role.All.Where(IsOnePersons))
            ServerKey.WriteSecret(FileOf(folder, role.Name), TokenFor(role.Name, role));
        ServerKey.WriteSecret(
            Path.Combine(folder, "README"),
            string.Create(CultureInfo.InvariantCulture, $"""
                Tokens of the local issuer, for trying things out on this machine. They are written anew while the
                server runs and count for {lifetime.TotalHours:0} hours. No other server believes them.

                """));
    }

    private static string FileOf(string folder, string name) => Path.Combine(folder, $"{name}.token");

    /// <summary>A site's agent has a credential of its own, bound to the site.</summary>
    private static bool IsOnePersons(Role role) => role != Role.SiteAgent && role != Role.Agent;
}
