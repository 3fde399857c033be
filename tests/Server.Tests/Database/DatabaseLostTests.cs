using System.Data;
using System.Net.Sockets;
using ControlPlane.Server.Database;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Tests.Database;

public sealed class DatabaseLostTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task A_connection_that_ends_within_a_row_is_told_as_a_database_that_is_lost()
    {
        using var way = new ShortWay(database.ConnectionString, bytes: 300_000);
        await using var connection = new NpgsqlConnection(way.ConnectionString);
        await connection.OpenAsync();

        var failure = await Record.ExceptionAsync(() => connection.QueryAsync<Row>(
            "select 1 as Number, decode(repeat('00', 1000000), 'hex') as Long"));

        // The row is not at fault, whatever the name of what is thrown.
        Assert.IsType<DataException>(failure);
        Assert.True(DatabaseLost.Is(failure));
    }

    [Fact]
    public void A_row_that_cannot_be_understood_is_no_lost_database() =>
        Assert.False(DatabaseLost.Is(new DataException("", new InvalidCastException())));

    private sealed record Row(int Number, byte[] Long);

    /// <summary>A way to PostgreSQL that ends once so many bytes of answers came by.</summary>
    private sealed class ShortWay : IDisposable
    {
        private readonly TestDirectory directory = new();
        private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public ShortWay(string connectionString, int bytes)
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            var name = $".s.PGSQL.{settings.Port}";
            var there = new UnixDomainSocketEndPoint(Path.Combine(settings.Host!, name)); // the rig's has one
            listener.Bind(new UnixDomainSocketEndPoint(directory.In(name)));
            listener.Listen();
            settings.Host = directory.Path;
            settings.Pooling = false;
            ConnectionString = settings.ConnectionString;
            _ = PassAsync(there, bytes);
        }

        public string ConnectionString { get; }

        public void Dispose()
        {
            listener.Dispose();
            directory.Dispose();
        }

        private async Task PassAsync(UnixDomainSocketEndPoint there, int bytes)
        {
            using var client = await listener.AcceptAsync();
            using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await server.ConnectAsync(there);
            await using var near = new NetworkStream(client);
            await using var far = new NetworkStream(server);
            var asking = near.CopyToAsync(far);
            var buffer = new byte[16 * 1024];
            for (var left = bytes; left > 0 && await far.ReadAsync(buffer) is > 0 and var count; left -= count)
                await near.WriteAsync(buffer.AsMemory(0, count));
            client.Shutdown(SocketShutdown.Both);
            await asking;
        }
    }
}
