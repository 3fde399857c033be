using System.Text.RegularExpressions;
using ControlPlane.Server.Hosting;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>
/// Reads what a request declares about its data, its tenant and what it runs. All of it may be left out; a rule that
/// needs what is left out denies.
/// </summary>
internal static partial class DataReader
{
    private const string DigestWords = "sha256: and 64 lower-case hexadecimal digits";

    public static DeclaredData Read(
        FieldReader fields, RequestReferences references, string? tenant, Complaints problems) => new(
        references.Jurisdiction(fields, "dataOrigin"),
        references.DataCopies(fields),
        references.Datasets(fields, tenant),
        references.Jurisdiction(fields, "tenantHome"),
        fields.Object("artefact") is { } node ? ReadArtefact(new FieldReader(node, problems), problems) : null,
        fields.Choice("isolation", required: false, WireNames.IsolationLevels) ?? IsolationLevel.Shared);

    private static Artefact? ReadArtefact(FieldReader fields, Complaints problems)
    {
        var digest = fields.Text("digest", required: true);
        var signer = fields.Text("signedBy", required: false);
        fields.Finish();
        if (digest is not null && !Digest().IsMatch(digest.Text))
            problems.Add(
                ProblemCatalog.NameFormat.At(digest.Pointer, $"must be {DigestWords}, is '{Shown.Text(digest.Text)}'"));
        if (signer is not null) Check(signer, problems);
        return digest is null ? null : new Artefact(digest.Text, signer?.Text);
    }

    private static void Check(BodyText signer, Complaints problems)
    {
        if (signer.Text.Length == 0)
            problems.Add(ProblemCatalog.NameFormat.At(signer.Pointer, "is empty; leave it out when nobody signed"));
        else if (signer.Text.Length > RequestLimits.LongestSigner)
        {
            problems.Add(ProblemCatalog.TooLong.At(
                signer.Pointer, $"has {signer.Text.Length} letters; the limit is {RequestLimits.LongestSigner}"));
        }
        else if (FieldReader.Hidden(signer.Text) is { } hidden)
            problems.Add(
                ProblemCatalog.ControlCharacter.At(signer.Pointer, $"holds U+{hidden.Value:X4}, which is not allowed"));
    }

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z")]
    private static partial Regex Digest();
}

/// <summary>What a request declares about its data, its tenant and what it runs.</summary>
internal sealed record DeclaredData(
    JurisdictionId? DataOrigin, Seq<RegionId>? DataCopies, Seq<DatasetId> Datasets, JurisdictionId? TenantHome,
    Artefact? Artefact, IsolationLevel Isolation);
