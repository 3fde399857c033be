namespace ControlPlane.Cli.Tests.Ledger;

public sealed class LedgerCommandsTests
{
    [Fact]
    public async Task The_head_is_shown_with_its_hash()
    {
        using var server = new StubServer().With(
            "GET /v1/ledger/head", 200, """{"position":7,"hash":"ab","at":"2026-03-01T12:00:00.0000000Z"}""");

        var ended = await new Cplane { Url = server.Url }.RunAsync("ledger", "head", "-o", "csv");

        Assert.Equal(new Ended(0, "position,at,hash\n7,2026-03-01T12:00:00.0000000Z,ab\n", ""), ended);
    }

    [Fact]
    public async Task An_export_is_what_verification_reads_and_progress_stays_out_of_it()
    {
        var half = SampleLedger.Lines.Count / 2;
        using var server = new StubServer()
            .With("GET /v1/ledger", 200, Page(SampleLedger.Lines.Take(half), "2"))
            .With("GET /v1/ledger", 200, Page(SampleLedger.Lines.Skip(half), ""));

        var exported = await new Cplane { Url = server.Url }.RunAsync("ledger", "export");
        var verified = await new Cplane { Input = exported.Output }.RunAsync("ledger", "verify", "--file", "-");

        Assert.Equal(string.Concat(SampleLedger.Lines.Select(line => line + "\n")), exported.Output);
        Assert.Equal((0, $"exported {SampleLedger.Lines.Count} records\n"), (exported.ExitCode, exported.Error));
        Assert.Equal(0, verified.ExitCode);
    }

    [Fact]
    public async Task An_export_that_breaks_off_leaves_no_file_under_the_final_name()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "ledger.jsonl");
        using var server = new StubServer()
            .With("GET /v1/ledger", 200, Page(SampleLedger.Lines.Take(3), "2"))
            .WithBrokenConnection("GET /v1/ledger");

        var ended = await new Cplane { Url = server.Url }.RunAsync("ledger", "export", "--output", path);

        Assert.Equal(6, ended.ExitCode);
        Assert.False(File.Exists(path));
    }

    private static string Page(IEnumerable<string> records, string next) =>
        $$"""{"records":[{{string.Join(",", records)}}],"nextPageToken":"{{next}}"}""";
}
