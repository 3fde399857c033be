using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using ControlPlane.Regions;

namespace ControlPlane.Server.Placements;

/// <summary>
/// Remembers what pieces of bodies mean on one fleet, by their bytes: clients write the same members again and again.
/// Only pieces that nothing is wrong with are remembered, and their number and length are bounded.
/// </summary>
internal sealed class KnownTexts(Fleet fleet)
{
    private const int MostPieces = 8_192;
    private const int MostBytes = 512;

    private readonly ConcurrentDictionary<byte[], object> pieces = new(new ByBytes());

    public Fleet Fleet => fleet;

    /// <summary>What a piece means; null when it was not met yet.</summary>
    public object? Find(ReadOnlySpan<byte> piece) =>
        pieces.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(piece, out var meaning) ? meaning : null;

    public void Add(ReadOnlySpan<byte> piece, object meaning)
    {
        if (piece.Length > MostBytes) return;
        // Whoever writes ever new pieces gains nothing; the others are back after a request each.
        if (pieces.Count >= MostPieces) pieces.Clear();
        pieces.GetAlternateLookup<ReadOnlySpan<byte>>().TryAdd(piece, meaning);
    }

    private sealed class ByBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

        public int GetHashCode([DisallowNull] byte[] bytes) => GetHashCode(bytes.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
