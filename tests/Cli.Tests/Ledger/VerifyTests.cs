using System.Text;
using System.Text.Json;

namespace ControlPlane.Cli.Tests.Ledger;

/// <summary>Copies of a ledger are verified by the built program alone; no server is there.</summary>
public sealed class VerifyTests
{
    public static TheoryData<string> Kinds => [.. Tampering.Kinds];

    [Fact]
    public async Task A_copy_that_nobody_touched_is_sound()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("ledger.jsonl", Whole);

        var ended = await new Cplane().RunAsync("ledger", "verify", "--file", file, "--head", SampleLedger.Head);

        Assert.Equal(new Ended(0, $"""
            SOUND   {SampleLedger.Records.Count} records, every one in its place and unchanged
              head       {SampleLedger.Head}

            """, ""), ended);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_falsified_copy_is_a_no_and_the_line_is_named(string kind)
    {
        var seed = Seed.Pick();
        var tampering = Tampering.Of(kind, SampleLedger.Lines, new Random(seed));
        using var folder = new TemporaryFolder();
        var file = folder.Write("ledger.jsonl", "");
        await File.WriteAllBytesAsync(file, Encoding.Latin1.GetBytes(tampering.Text));

        var ended = await new Cplane().RunAsync("ledger", "verify", "--file", file, "--head", SampleLedger.Head);

        var why = $"TEST_SEED={seed}: {tampering.What}: {ended}";
        Assert.True((ended.ExitCode, ended.Error) == (1, ""), why);
        var expected = tampering.Line > 0 ? $"BROKEN  line {tampering.Line}, record " : "BROKEN  after record ";
        Assert.True(ended.Output.StartsWith(expected, StringComparison.Ordinal), why);
    }

    [Fact]
    public async Task The_finding_is_data_when_asked_for()
    {
        var tampering = Tampering.Of("drop", SampleLedger.Lines, new Random(1));

        var ended = await new Cplane { Input = tampering.Text }.RunAsync(
            "ledger", "verify", "--file", "-", "-o", "json");

        using var found = JsonDocument.Parse(ended.Output);
        Assert.Equal(1, ended.ExitCode);
        Assert.False(found.RootElement.GetProperty("ok").GetBoolean());
        Assert.Equal(tampering.Line, found.RootElement.GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task Every_decision_of_a_copy_replays_without_a_server_whatever_the_culture_zone_and_cores()
    {
        var here = await ReplayAsync([]);
        var there = await ReplayAsync(new Dictionary<string, string>
        {
            ["LANG"] = "tr_TR.UTF-8",
            ["LC_ALL"] = "tr_TR.UTF-8",
            ["TZ"] = "Pacific/Chatham",
            ["DOTNET_PROCESSOR_COUNT"] = "1",
        });

        Assert.Equal(0, here.ExitCode);
        Assert.Contains("  decisions  24 same, 0 different, 0 of another engine version\n", here.Output);
        Assert.Equal(here, there);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_invalid_input()
    {
        var ended = await new Cplane().RunAsync("ledger", "verify", "--file", "nowhere.jsonl");

        Assert.Equal(
            new Ended(3, "", "error: cannot read nowhere.jsonl: there is no such file [file-unreadable]\n"), ended);
    }

    private static string Whole => string.Concat(SampleLedger.Lines.Select(line => line + "\n"));

    private static Task<Ended> ReplayAsync(Dictionary<string, string> environment) =>
        new Cplane { Input = Whole, Environment = environment }.RunAsync("ledger", "verify", "--file", "-", "--replay");
}
