using ControlPlane.Ledger;

namespace ControlPlane.Core.Tests.Ledger;

public sealed class LedgerExportTests
{
    [Fact]
    public void An_export_that_nobody_touched_is_sound()
    {
        var found = LedgerExport.Verify(SampleLedger.Lines);

        Assert.Equal(new LedgerSound(SampleLedger.Records.Count, SampleLedger.Records[^1].Hash), found);
    }

    [Fact]
    public void The_sample_holds_every_kind_of_event_and_both_kinds_of_answer()
    {
        var kinds = SampleLedger.Records.Select(record => record.Event.Kind).Distinct().Order(StringComparer.Ordinal);
        var answers = SampleLedger.Records
            .Select(record => record.Event)
            .OfType<PlacementDecided>()
            .Select(decided => decided.Decision.GetType().Name)
            .Distinct()
            .Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "agent-granted", "agents-halted", "fleet-declared", "grant-ended", "hold-confirmed", "law-audited",
                "placement-decided", "placement-released", "policies-activated",
            ],
            kinds);
        Assert.Equal(["Placed", "Refused"], answers);
    }

    [Fact]
    public void A_thousand_tamperings_are_all_found_and_their_line_is_named()
    {
        var seed = Seed.Pick();
        var random = new Random(seed);
        for (var round = 0; round < 1_000; round++)
        {
            var kind = Tampering.Kinds[round % Tampering.Kinds.Count];
            var tampering = Tampering.Of(kind, SampleLedger.Lines, random);

            var found = LedgerExport.Verify(LinesOf(tampering.Text));

            var why = $"TEST_SEED={seed}, round {round}: {tampering.What}, found {found}";
            if (tampering.Line == 0) Assert.True(IsCut(found), why);
            else Assert.True(found is LedgerBroken broken && broken.Line == tampering.Line, why);
        }
    }

    // Nothing inside a shorter ledger is wrong; that its head is not the one that was noted says that it is shorter.
    private static bool IsCut(LedgerVerification found) =>
        found is LedgerSound sound && Convert.ToHexStringLower(sound.Hash.Span) != SampleLedger.Head;

    private static IEnumerable<string> LinesOf(string text)
    {
        using var reader = new StringReader(text);
        while (reader.ReadLine() is { } line) yield return line;
    }
}
