using System.Text;

namespace ControlPlane.Cli.Tests.Cells;

public sealed class CellCommandsTests
{
    private const string Site = """
        {"region":"fr-one","site":"fr-one-a","health":"healthy","open":true,"contractKilowatts":2000,
         "freeKilowatts":1900,"law":["ownControl"],
         "skus":[{"sku":"cpu","installed":2,"free":2,"largest":1},{"sku":"h100","installed":32,"free":24,"largest":8}]}
        """;

    [Fact]
    public async Task Cells_are_listed_by_site_and_model_and_asked_for_by_numbers()
    {
        using var server = new StubServer().With("GET /v1/cells", 200, $$"""
            {"cells":[{"cell":"fr","jurisdictions":["FR"],"url":"https://fr.example","ageSeconds":4,
             "sites":[{{Site}}]}]}
            """);

        var ended = await new Cplane { Url = server.Url }.RunAsync(
            "cell", "list", "--sku", "h100", "--free", "16", "--largest", "8", "-o", "csv");

        Assert.Equal(
            new Ended(0, """
                cell,region,site,health,open,sku,free,installed,largest,free kw,age s,law,url
                fr,fr-one,fr-one-a,healthy,true,cpu,2,2,1,1900,4,ownControl,https://fr.example
                fr,fr-one,fr-one-a,healthy,true,h100,24,32,8,1900,4,ownControl,https://fr.example

                """, ""),
            ended);
        Assert.EndsWith(
            "/v1/cells?sku=h100&free=16&largest=8", server.Requests.Single().Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_would_leave_is_shown_and_not_sent()
    {
        using var server = new StubServer().With(
            "GET /v1/cell/report", 200, """{"text":"PUT /v1/cells/de HTTP/1.1\r\n\r\n{\"form\":1}"}""");

        var ended = await new Cplane { Url = server.Url }.RunAsync("cell", "push", "--dry-run");

        Assert.Equal(new Ended(0, "PUT /v1/cells/de HTTP/1.1\r\n\r\n{\"form\":1}\n", ""), ended);
        Assert.Equal("GET", server.Requests.Single().Method);
    }

    [Fact]
    public async Task A_check_finds_rows_of_another_cell_and_words_in_ledger_and_files_however_they_are_written()
    {
        using var folder = new TemporaryFolder();
        var words = Path.Combine(folder.Path, "words");
        var log = Path.Combine(folder.Path, "export.bin");
        await File.WriteAllTextAsync(words, "klinik-nord\nzq7canary4klinik\n");
        await File.WriteAllTextAsync(log, Convert.ToHexStringLower(Encoding.Unicode.GetBytes("...")) + "\n"
            + Convert.ToBase64String("it says zq7canary4klinik there"u8));
        using var server = Server("fr-one");
        using var sound = Server("de-one");

        var ended = await new Cplane { Url = server.Url }.RunAsync("cell", "check", "--words", words, log);
        var well = await new Cplane { Url = sound.Url }.RunAsync("cell", "check");

        Assert.Equal((1, ""), (ended.ExitCode, ended.Error));
        Assert.Contains(
            "BAD  placements: p1 is in fr-one, which is not this cell's\n", ended.Output, StringComparison.Ordinal);
        Assert.Contains("BAD  ledger: record 4 holds 'klinik-nord' as it is\n", ended.Output, StringComparison.Ordinal);
        Assert.Contains("export.bin: holds 'zq7canary4klinik' ", ended.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (well.ExitCode, well.Error));
        Assert.Contains(
            $"ok   ledger: {SampleLedger.Lines.Count} records, all of this cell\n", well.Output,
            StringComparison.Ordinal);
    }

    private static StubServer Server(string region) => new StubServer()
        .With("GET /v1/cell", 200, """{"cell":"de","jurisdictions":["DE"],"regions":["de-one"]}""")
        .With("GET /v1/regions", 200, """{"regions":[{"id":"de-one"}]}""")
        .With("GET /v1/sites", 200, """{"sites":[{"id":"de-one-a","region":"de-one"}]}""")
        .With("GET /v1/node-pools", 200, """{"nodePools":[]}""")
        .With("GET /v1/placements", 200, $$"""{"placements":[{"id":"p1","region":"{{region}}"}]}""")
        .With("GET /v1/reservations", 200, """{"reservations":[]}""")
        .With("GET /v1/ledger", 200, $$"""{"records":[{{string.Join(",", SampleLedger.Lines)}}]}""");
}
