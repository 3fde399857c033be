using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Server.Tests.Hosting;

public sealed class ServerOptionsTests
{
    private static Func<string, string?> Environment(params (string Name, string Value)[] variables) =>
        name => variables.Where(variable => variable.Name == name).Select(variable => variable.Value).FirstOrDefault();

    [Fact]
    public void Everything_has_a_default()
    {
        var options = ServerOptions.Parse([], Environment(("HOME", "/home/ada"))).Value;

        Assert.Equal(
            new ServerOptions
            {
                Port = 8420,
                DataDirectory = "/home/ada/.local/state/control-plane",
                Database = null,
                RegionsDirectory = Path.GetFullPath("regions"),
                PoliciesDirectory = Path.GetFullPath("policies"),
                LogLevel = LogLevel.Information,
                HelpAsked = false,
            },
            options);
    }

    [Theory]
    [InlineData("182", "/a", "must be 183 to 36500 days, because records are kept for six months at least, is '182'")]
    [InlineData("-1", "/a", "must be 183 to 36500 days, because records are kept for six months at least, is '-1'")]
    [InlineData("400", null, "is missing: records are let go only after they were written there")]
    [InlineData(null, "/a", "is of use with --audit-retention only")]
    [InlineData("183", "/a", null)]
    public void Records_are_kept_for_six_months_at_least_and_archived_before_they_go(
        string? days, string? archive, string? problem)
    {
        string[] arguments =
        [
            .. days is null ? Array.Empty<string>() : ["--audit-retention", days],
            .. archive is null ? Array.Empty<string>() : ["--audit-archive", archive],
        ];

        var parsed = ServerOptions.Parse(arguments, Environment(("HOME", "/home/ada")));

        Assert.Equal(problem, parsed.Problems.Select(found => found.Message).FirstOrDefault());
        if (problem is null) Assert.Equal(new RetentionTerms(183, "/a", []), parsed.Value.Retention);
    }

    [Fact]
    public void Arguments_say_what_the_operator_wants()
    {
        var options = ServerOptions.Parse(
            [
                "--port",
                "0",
                "--data=/d",
                "--database",
                "Host=h",
                "--regions",
                "/r",
                "--policies",
                "/p",
                "--log-level=error",
            ],
            Environment(("CPLANE_DATABASE", "Host=other"))).Value;

        Assert.Equal(
            new ServerOptions
            {
                Port = 0,
                DataDirectory = "/d",
                Database = "Host=h",
                RegionsDirectory = "/r",
                PoliciesDirectory = "/p",
                LogLevel = LogLevel.Error,
            },
            options);
    }

    [Theory]
    [InlineData("/state", "/home/ada", "/state/control-plane")]
    [InlineData("relative", "/home/ada", "/home/ada/.local/state/control-plane")]
    [InlineData("", "", "/var/lib/control-plane")]
    public void The_data_directory_follows_the_environment(string state, string home, string expected)
    {
        var options = ServerOptions.Parse([], Environment(("XDG_STATE_HOME", state), ("HOME", home))).Value;

        Assert.Equal(expected, options.DataDirectory);
    }

    [Fact]
    public void The_database_can_come_from_the_environment()
    {
        var options = ServerOptions.Parse([], Environment(("HOME", "/h"), ("CPLANE_DATABASE", "Host=h"))).Value;

        Assert.Equal("Host=h", options.Database);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var problems = ServerOptions.Parse(
            ["--port", "65536", "--prot=1", "--data", "/a", "--data", "/b", "--log-level", "loud", "--database"],
            Environment()).Problems;

        Assert.Equal(
            [
                "--data is given twice",
                "--database needs a value",
                "--log-level must be debug, information, warning or error, is 'loud'",
                "--port must be 0 to 65535, is '65536'",
                "--prot is no option; known are --port, --data, --database, --regions, --policies, --tenant-rate, "
                    + "--log-level, --projections, --advertise, --listen, --identity, --tls-certificate, --tls-key, "
                    + "--client-ca, --trust-domain, --policy-keys, --lease, --hold-down, --failback-after, "
                    + "--tenant-concurrency, --audit-heads, --audit-retention, --audit-archive, --audit-hold, "
                    + "--cell, --directory, --directory-ca, --directory-every, "
                    + "--serve-directory",
            ],
            problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void Help_is_given_whatever_else_is_asked()
    {
        Assert.True(ServerOptions.Parse(["--port", "x", "--help"], Environment()).Value.HelpAsked);
    }
}
