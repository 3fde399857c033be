using ControlPlane.Server.Hosting;
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
                    + "--tenant-concurrency, --audit-heads, --cell, --directory, --directory-ca, --directory-every, "
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
