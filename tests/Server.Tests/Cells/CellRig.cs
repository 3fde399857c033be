using System.Security.Cryptography;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Tests.Hosting;
using Npgsql;

namespace ControlPlane.Server.Tests.Cells;

/// <summary>
/// Two cells with a server, a ledger and a PostgreSQL of their own each, a directory, and between each cell and the
/// directory a proxy that records.
/// </summary>
public sealed class CellRig : IAsyncLifetime, IAsyncDisposable
{
    private readonly TestDirectory folder = new();
    private ServerProcess? directory;

    internal Cell One { get; private set; } = null!; // made when it starts

    internal Cell Other { get; private set; } = null!; // made when it starts

    /// <summary>Word that stands in every free text of the first cell: nobody else has ever heard it.</summary>
    internal string Canary { get; } = $"k{RandomNumberGenerator.GetHexString(15, lowercase: true)}";

    internal ServerProcess Directory => directory!; // started before any test

    public async Task InitializeAsync()
    {
        var keys = new[] { KeyOf("one"), KeyOf("other") };
        await File.WriteAllTextAsync(folder.In("directory.yaml"), $"""
            schemaVersion: 1
            cells:
              - cell: one
                jurisdictions: ["DE"]
                url: http://one.example:8420
                keys: ["{keys[0]}"]
              - cell: other
                jurisdictions: ["FR", "US"]
                url: http://other.example:8420
                keys: ["{keys[1]}"]

            """);
        WriteTree("public", "");
        WriteTree("tree-one", Canary);
        WriteTree("tree-other", "");
        await StartDirectoryAsync();
        One = await StartAsync("one", "\"DE\"");
        Other = await StartAsync("other", "\"FR\", \"US\"");
    }

    internal async Task StartDirectoryAsync()
    {
        directory = await ServerProcess.StartAsync(
            "--serve-directory", folder.In("directory.yaml"), "--regions", folder.In("public/regions"),
            "--log-level", "debug");
        foreach (var cell in new[] { One, Other }.Where(cell => cell is not null))
            cell.Proxy.Target = directory.Http.BaseAddress!.Port;
    }

    public async Task DisposeAsync()
    {
        foreach (var cell in new[] { One, Other }.Where(cell => cell is not null)) await cell.DisposeAsync();
        if (directory is not null) await directory.DisposeAsync();
        folder.Dispose();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    private async Task<Cell> StartAsync(string name, string jurisdictions)
    {
        await File.WriteAllTextAsync(
            folder.In($"{name}.yaml"), $"schemaVersion: 1\ncell: {name}\njurisdictions: [{jurisdictions}]\n");
        var proxy = new RecordingProxy(Directory.Http.BaseAddress!.Port);
        var server = await ServerProcess.StartAsync(
            "--data", folder.In(name), "--cell", folder.In($"{name}.yaml"),
            "--regions", folder.In($"tree-{name}/regions"), "--policies", folder.In($"tree-{name}/policies"),
            "--directory", $"http://127.0.0.1:{proxy.Port}", "--directory-every", "1",
            "--audit-heads", folder.In($"{name}-heads"));
        return new Cell(name, folder.In(name), server, proxy)
        {
            Tree = folder.In($"tree-{name}"), Heads = folder.In($"{name}-heads"),
        };
    }

    /// <summary>The key that the server will have, made before it starts so that the directory can know it.</summary>
    private string KeyOf(string name)
    {
        using var key = ServerKey.LoadOrCreate(folder.In(name));
        return Convert.ToBase64String(key.PublicKey);
    }

    /// <summary>The small fleet; the cell's own part with a word in every free text.</summary>
    private void WriteTree(string name, string word)
    {
        DeclaredTree.WriteTo(folder.In(name));
        if (word.Length == 0) return;
        var region = folder.In($"{name}/regions/de-one.yaml");
        File.WriteAllText(region, File.ReadAllText(region)
            .Replace("name: de-one", $"name: {word}-region", StringComparison.Ordinal)
            .Replace("city: Town", $"city: {word}-city", StringComparison.Ordinal));
        File.WriteAllText(folder.In($"{name}/policies/local.yaml"), $$"""
            schemaVersion: 1
            id: local
            because: The {{word}}-reason of a policy.
            source:
              law: Rules of {{word}}
              article: "1"
            owner: {{word}}-owner
            validFrom: 2020-01-01
            enforcement: mandatory
            match:
              dataClasses: [{{word}}-sealed]
            rules:
              - { rule: only, kind: residency, allow: ["GB"] }

            """);
    }
}

/// <summary>One running cell.</summary>
internal sealed record Cell(string Name, string Data, ServerProcess Server, RecordingProxy Proxy) : IAsyncDisposable
{
    public required string Tree { get; init; }

    public required string Heads { get; init; }

    /// <summary>The cell's own database, reached as its server does.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = SocketFolder, Username = "control_plane", Database = "control_plane", Pooling = false,
    }.ConnectionString;

    private string PostgresFolder =>
        new DirectoryInfo(Path.Combine(Data, "postgres")) is { LinkTarget: { } elsewhere }
            ? elsewhere
            : Path.Combine(Data, "postgres");

    /// <summary>Where everything is that the database keeps; it may be elsewhere when root runs the tests.</summary>
    public string Database => PostgresFolder;

    private string SocketFolder
    {
        get
        {
            var run = Path.Combine(PostgresFolder, "run");
            return new DirectoryInfo(run).LinkTarget ?? run;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Proxy.DisposeAsync();
        // Of a database that had to be elsewhere.
        if (PostgresFolder != Path.Combine(Data, "postgres"))
            System.IO.Directory.Delete(PostgresFolder, recursive: true);
    }
}
