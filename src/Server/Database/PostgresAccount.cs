using System.Globalization;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Database;

/// <summary>
/// Names the account that the private PostgreSQL runs under: the user's own, or, because PostgreSQL refuses root, an
/// unprivileged one when the server runs as root.
/// </summary>
internal sealed record PostgresAccount
{
    private static readonly string[] UnprivilegedNames = ["postgres", "nobody"];
    private static readonly TimeSpan FileCommandLimit = TimeSpan.FromSeconds(30);

    /// <summary>Null when programs simply run as the user that the server runs as.</summary>
    private (uint User, uint Group)? Switch { get; init; }

    public bool IsSwitched => Switch is not null;

    public static PostgresAccount Current()
    {
        if (!Environment.IsPrivilegedProcess) return new PostgresAccount();
        var known = File.ReadLines("/etc/passwd")
            .Select(line => line.Split(':'))
            .Where(fields => fields.Length >= 4)
            .ToLookup(fields => fields[0], StringComparer.Ordinal);
        var chosen = UnprivilegedNames.SelectMany(name => known[name]).FirstOrDefault()
            ?? throw new StartRefusedException(
                ExitCode.Unreachable,
                "PostgreSQL does not run as root and there is neither a user postgres nor nobody: "
                + "start the server as another user, or give a database with CPLANE_DATABASE");
        return new PostgresAccount
        {
            Switch = (
                uint.Parse(chosen[2], CultureInfo.InvariantCulture),
                uint.Parse(chosen[3], CultureInfo.InvariantCulture)),
        };
    }

    /// <summary>The same command, run under this account. It replaces itself, so that its process id stays.</summary>
    public Command Run(string program, params IReadOnlyList<string> arguments) => Switch is var (user, group)
        ? new Command(
            "setpriv",
            [
                $"--reuid={user.ToString(CultureInfo.InvariantCulture)}",
                $"--regid={group.ToString(CultureInfo.InvariantCulture)}",
                "--clear-groups", "--no-new-privs", "--", program, .. arguments,
            ])
        : new Command(program, arguments);

    public async Task<bool> CanEnterAsync(string directory, CancellationToken cancellation) =>
        (await Run("test", "-x", directory).RunAsync(FileCommandLimit, cancellation)).Succeeded;

    public async Task<bool> OwnsAsync(string directory, CancellationToken cancellation) =>
        (await Run("test", "-O", directory).RunAsync(FileCommandLimit, cancellation)).Succeeded;

    /// <summary>
    /// Makes a directory that only this account and root may enter; one that exists is given to the account.
    /// </summary>
    public async Task MakeOwnAsync(string directory, CancellationToken cancellation)
    {
        string[] owner = Switch is var (user, group)
            ? [
                "-o", user.ToString(CultureInfo.InvariantCulture),
                "-g", group.ToString(CultureInfo.InvariantCulture),
            ]
            : [];
        var made = await new Command("install", ["-d", "-m", "0700", .. owner, directory])
            .RunAsync(FileCommandLimit, cancellation);
        if (!made.Succeeded) throw new StartRefusedException(ExitCode.Unreachable, $"{directory}: {made.Said}");
    }
}
