using System.Collections.Immutable;
using ControlPlane.Files;

namespace ControlPlane.Ledger;

/// <summary>
/// What the ledger adds up to about law: the files in force everywhere and ahead in some regions, which sets were
/// activated when, and what runs unlawfully.
/// </summary>
public sealed record PoliciesInForce
{
    /// <summary>Before the first set.</summary>
    public static PoliciesInForce None { get; } = new();

    /// <summary>Files in force in every region that no stage names, in order of their paths.</summary>
    public Seq<SourceFile> Files { get; init; }

    public Seq<FilesInRegions> Stages { get; init; }

    /// <summary>Every activation, oldest first.</summary>
    public Seq<Activation> Activations { get; init; }

    /// <summary>What runs unlawfully, by id.</summary>
    public ImmutableSortedDictionary<DecisionId, OpenFinding> Findings { get; init; } =
        ImmutableSortedDictionary<DecisionId, OpenFinding>.Empty;

    /// <summary>Version of the newest activation; 0 before the first.</summary>
    public long Version => Activations.Count == 0 ? 0 : Activations[^1].Version;

    /// <summary>Digest of the set in force in every region that no stage names; null before the first.</summary>
    public string? Digest => Activations.LastOrDefault(activation => activation.Regions.Count == 0)?.Digest;

    /// <summary>These after a set was activated.</summary>
    public PoliciesInForce With(PoliciesActivated activated, (long Position, DateTimeOffset At) record)
    {
        var version = activated.Version > 0 ? activated.Version : Version + 1;
        var done = new Activation(version, activated.Digest, record.Position, record.At)
        {
            Regions = activated.Regions, SignedBy = activated.Signature?.KeyId,
        };
        var after = this with { Activations = Activations.Append(done).ToSeq() };
        if (activated.Regions.Count == 0) return after with { Files = Sorted(activated.Files), Stages = [] };
        var ahead = Stages
            .Where(stage => stage.Digest != activated.Digest)
            .Select(stage => stage with { Regions = stage.Regions.Except(activated.Regions).ToSeq() })
            .Where(stage => stage.Regions.Count > 0);
        // What is in force everywhere else is not ahead.
        if (activated.Digest == Digest) return after with { Stages = ahead.ToSeq() };
        var same = Stages.FirstOrDefault(stage => stage.Digest == activated.Digest)?.Regions ?? [];
        var mine = new FilesInRegions(
            activated.Digest, same.Union(activated.Regions).Order().ToSeq(), Sorted(activated.Files));
        return after with { Stages = ahead.Append(mine).OrderBy(stage => stage.Regions[0]).ToSeq() };
    }

    /// <summary>These after an audit.</summary>
    public PoliciesInForce With(LawAudited audited, (long Position, DateTimeOffset At) record)
    {
        var findings = Findings.ToBuilder();
        foreach (var cleared in audited.Cleared) findings.Remove(cleared.Placement);
        foreach (var found in audited.Found)
        {
            var first = findings.GetValueOrDefault(found.Placement)?.FoundAt ?? record.At;
            findings[found.Placement] = new OpenFinding(found, first, record.Position);
        }

        return this with { Findings = findings.ToImmutable() };
    }

    /// <summary>These after something that ran has ended.</summary>
    public PoliciesInForce Without(DecisionId ended) =>
        Findings.ContainsKey(ended) ? this with { Findings = Findings.Remove(ended) } : this;

    private static Seq<SourceFile> Sorted(Seq<SourceFile> files) =>
        files.OrderBy(file => file.Path, StringComparer.Ordinal).ToSeq();
}

/// <summary>Files in force ahead of the others in some regions.</summary>
public sealed record FilesInRegions(string Digest, Seq<RegionId> Regions, Seq<SourceFile> Files);

/// <summary>Says that a set of policies was put in force.</summary>
/// <param name="Version">Counts activations; later ones are higher.</param>
/// <param name="Digest">Names the set.</param>
/// <param name="Position">Ledger position of the record that holds its files.</param>
/// <param name="At">When.</param>
public sealed record Activation(long Version, string Digest, long Position, DateTimeOffset At)
{
    /// <summary>Regions it was put in force in; everywhere when empty.</summary>
    public Seq<RegionId> Regions { get; init; }

    /// <summary>Key of the signature it came with.</summary>
    public string? SignedBy { get; init; }
}
