using System.Text;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Tests.Placements;

public sealed class PlainReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_wrong_or_unusual_is_left_to_the_strict_reader()
    {
        var known = new KnownTexts(SmallFleet.Fleet);

        var read = BadBodies.All.Where(bad => PlainReader.Placement(Bytes(bad), known) is not null);

        Assert.Empty(read.Select(bad => bad.Name));
    }

    [Fact]
    public void What_is_read_without_a_tree_is_what_the_strict_reader_reads()
    {
        var known = new KnownTexts(SmallFleet.Fleet);
        var (plain, wrong) = (0, 0);
        Seeds.ForEach(2_000, dice =>
        {
            var bodies = Enumerable.Range(0, dice.Int(1, 4)).Select(_ => RandomBody(dice)).ToList();
            var batch = Encoding.UTF8.GetBytes($$"""{"requests":[{{string.Join(",", bodies)}}]}""");
            var strict = RequestReader.Batch(batch, SmallFleet.Fleet, Now);

            var all = PlainReader.Batch(batch, known);
            var first = PlainReader.Placement(Encoding.UTF8.GetBytes(bodies[0]), known);

            var strictFirst = RequestReader.Placement(Encoding.UTF8.GetBytes(bodies[0]), SmallFleet.Fleet, Now);
            if (all is not null) Assert.Equal(strict.Asked, all.ToSeq());
            if (first is not null) Assert.Equal([first], strictFirst.Asked);
            if (strict.All.Count > 0) Assert.Null(all);
            if (strictFirst.All.Count > 0) Assert.Null(first);
            plain += all is null ? 0 : 1;
            wrong += strict.All.Count > 0 ? 1 : 0;
        });
        Assert.True(plain > 300 && wrong > 300, $"{plain} were plain and {wrong} wrong: too easy");
    }

    private static byte[] Bytes(BadBody bad) => bad.Bytes ?? Encoding.UTF8.GetBytes(bad.Text);

    /// <summary>Members in any order, most of them well, some with something wrong or odd about them.</summary>
    private static string RandomBody(Dice dice)
    {
        var members = new List<string>
        {
            $"\"tenant\":{dice.Pick("\"t1\"", "\"t2\"", "\"t-3\"")}",
            $"\"workload\" : \"w{dice.Int(0, 99)}\"",
            $"\"kind\":{dice.Pick("\"service\"", "\"batch\"", "\"gang\"")}",
            "\"dataClass\":\"public\"",
            $"\"cpuMilli\":{dice.Int(0, 5000)}",
            $"\"memoryMib\": {dice.Int(0, 5000)}",
        };
        string[] optional =
        [
            "\"residency\":[\"DE\",\"EU\"]", "\"residency\":[ \"EU\",\"DE\",\"EU\" ]", "\"units\":3", "\"priority\":7",
            "\"accelerators\":{\"count\":1}", "\"accelerators\":{\"shareMilli\":500,\"minMemoryGib\":40.0}",
            "\"accelerators\":{\"count\":2,\"skus\":[\"h100\"],\"minTeraflops\":{\"bf16\":1}}",
            "\"regions\":{\"allow\":[\"de-one\",\"fr-one\"]}", "\"regions\":{\"deny\":[\"us-one\"]}",
            "\"labels\":{\"b\":\"x\",\"a\":\"y\"}", "\"homeRegion\":\"de-one\"", "\"runClass\":\"sticky\"",
            "\"excludeAccessLaws\":[]",
        ];
        string[] odd =
        [
            "\"explain\":true", "\"units\":0", "\"units\":1.0", "\"priority\":-1", "\"residency\":[]",
            "\"residency\":[\"XX\"]", "\"homeRegion\":null", "\"labels\":{\"a\":7}", "\"unknown\":1",
            "\"fabric\":\"roce\"",
            "\"regions\":{\"allow\":[\"nowhere\"]}", "\"accelerators\":{\"count\":0}", "\"tenant\":\"t1\"",
            "\"t\\u0065nant\":\"t1\"", "\"deadline\":\"2020-01-01T00:00:00Z\"", "\"units\":99999999999999999999",
        ];
        for (var more = dice.Int(0, 4); more > 0; more--) members.Add(dice.Pick<string>(optional));
        if (dice.Chance(15)) members.Add(dice.Pick<string>(odd));
        if (dice.Chance(5)) members.RemoveAt(dice.Int(0, members.Count - 1));
        var order = members.Select(member => (member, dice.Int(0, 1_000_000))).OrderBy(item => item.Item2);
        return $"{{{string.Join(dice.Pick(",", " , "), order.Select(item => item.member))}}}";
    }
}
