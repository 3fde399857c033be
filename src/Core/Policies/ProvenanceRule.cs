using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Demands that the request names the artefact it runs and that one of the listed signers signed it. The rule judges
/// what is declared; the signature itself is checked where the artefact is loaded.
/// </summary>
[FileCase("provenance")]
public sealed record ProvenanceRule : LawRule
{
    [Description("Names of signers of which one must have signed.")]
    public Seq<string> Signers { get; init; }

    public override string Reason => ReasonCode.Provenance;

    public override bool LooksAtSubject => true;

    public override LawFinding Judge(LawCase at)
    {
        if (!at.Subject.NamesArtefact) return new(false, "the request does not declare its artefact");
        if (at.Subject.ArtefactSigner is not { } signer) return new(false, "the artefact is not signed");
        return Signers.Contains(signer)
            ? new(true, $"the artefact is signed by {signer}")
            : new(false, $"the artefact is signed by {signer}; accepted are {string.Join(", ", Signers)}");
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject) =>
        subject.NamesArtefact && subject.ArtefactSigner is { } signer && Signers.Contains(signer) ? index.All
            : index.None;

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (Signers.Count == 0)
            yield return new(
                "policy-blank", $"{path}.signers", "a provenance rule needs signers; blank never means allow");
    }

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) =>
        other is ProvenanceRule stricter && stricter.Signers.All(Signers.Contains);
}
