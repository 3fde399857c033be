using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Policies;

/// <summary>Reads the body of an activation, or finds everything that is wrong with it.</summary>
internal static class ActivationReader
{
    private const int MostFiles = 10_000;

    public static (AskedActivation? Asked, IEnumerable<Problem> Wrong) Read(byte[] bytes)
    {
        var body = FieldReader.OfBody(bytes);
        if (!body.IsValid) return (null, body.Problems);
        var (fields, wrong) = (body.Value, body.Value.Wrong);
        var digest = fields.Text("digest", required: false);
        var list = fields.List("files", required: digest is null);
        var accept = fields.Whole("acceptUnlawful", required: false, 0, int.MaxValue);
        var version = fields.Whole("version", required: false, 1, long.MaxValue);
        var onlyJudge = fields.Flag("validateOnly");
        var regions = fields.Texts("regions", MostFiles);
        if (fields.IsEmptyList("regions"))
            wrong.Add(ProblemCatalog.RegionsEmpty.At("/regions", "is empty; leave it out for every region"));
        var signature = fields.Object("signature") is { } node ? SignatureOf(node, wrong) : null;
        fields.Finish();
        if (list is not null && digest is not null)
            wrong.Add(ProblemCatalog.FieldConflict.At("/digest", "names an earlier set; then files are left out"));
        if (list?.Items.Count > MostFiles)
            wrong.Add(
                ProblemCatalog.TooMany.At(list.Pointer, $"has {list.Items.Count} entries; the limit is {MostFiles}"));
        var files = list is null || wrong.Any
            ? []
            : list.Items.Select(item => FileOf(item, wrong)).OfType<SourceFile>().ToSeq();
        return wrong.Any ? (null, wrong.Problems) : (new AskedActivation(
            digest?.Text,
            new ActivatePolicies(files, (int)(accept ?? 0), onlyJudge)
            {
                Regions = regions.Select(region => new RegionId(region.Text)).Distinct().Order().ToSeq(),
                Version = version,
                Signature = signature,
            }), []);
    }

    private static SourceFile? FileOf(BodyNode item, Complaints wrong)
    {
        if (FieldReader.Of(item, wrong) is not { } fields) return null;
        var (path, text) = (fields.Text("path", required: true), fields.Text("text", required: true));
        fields.Finish();
        return path is null || text is null ? null : new SourceFile(path.Text, text.Text);
    }

    private static PolicySignature? SignatureOf(BodyObject body, Complaints wrong)
    {
        var fields = new FieldReader(body, wrong);
        var (key, value) = (fields.Text("keyId", required: true), fields.Text("value", required: true));
        fields.Finish();
        return key is null || value is null ? null : new PolicySignature(key.Text, value.Text);
    }
}

/// <summary>What a body asks for: an earlier set by its digest, or the files of the command.</summary>
internal sealed record AskedActivation(string? Digest, ActivatePolicies Command);
