using ControlPlane.Ledger;

namespace ControlPlane.Core.Tests.Ledger;

public sealed class KeyIndexTests
{
    [Fact]
    public void Gives_the_positions_a_plain_list_gives_whatever_was_added_and_taken_back()
    {
        var seed = Seed.Pick();
        var random = new Random(seed);
        var index = new KeyIndex();
        var plain = new List<(ulong Hash, long Position)>();
        for (var step = 0; step < 20_000; step++)
        {
            // Few hashes, so that many keys share one.
            var hash = (ulong)random.Next(200) << random.Next(8);
            if (random.Next(100) == 0)
            {
                var kept = Math.Max(0, plain.Count - random.Next(300));
                index.UndoTo(kept);
                plain.RemoveRange(kept, plain.Count - kept);
            }
            else
            {
                index.Add(hash, step);
                plain.Add((hash, step));
            }

            var found = new List<long>();
            index.Find(hash, found);
            Assert.True(
                found.Order().SequenceEqual(plain.Where(item => item.Hash == hash).Select(item => item.Position)),
                $"step {step} of seed {seed}");
        }
    }

    [Fact]
    public void Is_read_as_it_was_written()
    {
        var index = new KeyIndex();
        for (var key = 0; key < 1_000; key++) index.Add(KeyIndex.HashOf(new("tenant"), $"key-{key}"), 1 + (key * 3));
        var writer = new CanonicalWriter();

        index.Write(writer);
        var read = KeyIndex.Read(new CanonicalReader(writer.ToArray()));
        var found = new List<long>();
        read.Find(KeyIndex.HashOf(new("tenant"), "key-7"), found);

        var again = new CanonicalWriter();
        read.Write(again);
        Assert.Equal([22], found);
        Assert.Equal(writer.ToArray(), again.ToArray());
    }
}
