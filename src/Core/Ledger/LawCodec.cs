using System.Collections.Immutable;
using ControlPlane.Files;

namespace ControlPlane.Ledger;

/// <summary>
/// The canonical form of activations, audits and what they add up to. Version 2 of an activation added its number, its
/// regions and its signature.
/// </summary>
internal static class LawCodec
{
    /// <summary>Version of an activation that is written.</summary>
    public const ulong Version = 2;

    public static void Write(CanonicalWriter writer, PoliciesActivated activated)
    {
        WriteFiles(writer, activated.Files);
        writer.Text(activated.Digest);
        writer.Number(activated.Version);
        writer.List(activated.Regions, id => writer.Text(id.Value));
        writer.OptionalText(activated.Signature?.KeyId);
        writer.OptionalText(activated.Signature?.Value);
    }

    public static PoliciesActivated ReadActivated(CanonicalReader reader, ulong version)
    {
        var activated = new PoliciesActivated(ReadFiles(reader), reader.Text());
        if (version == 1) return activated;
        activated = activated with
        {
            Version = reader.Number(), Regions = reader.List(() => new RegionId(reader.Text())),
        };
        var (key, value) = (reader.OptionalText(), reader.OptionalText());
        return key is null || value is null ? activated : activated with { Signature = new(key, value) };
    }

    public static void Write(CanonicalWriter writer, LawAudited audited)
    {
        writer.List(audited.Found, found => Write(writer, found));
        writer.List(audited.Cleared, cleared =>
        {
            writer.Id(cleared.Placement);
            writer.Number((long)cleared.End);
        });
    }

    public static LawAudited ReadAudited(CanonicalReader reader) => new(
        reader.List(() => ReadFinding(reader)),
        reader.List(() => new ClearedFinding(reader.Id(), reader.Enum<FindingEnd>())));

    public static void Write(CanonicalWriter writer, PoliciesInForce law)
    {
        WriteFiles(writer, law.Files);
        writer.List(law.Stages, stage =>
        {
            writer.Text(stage.Digest);
            writer.List(stage.Regions, id => writer.Text(id.Value));
            WriteFiles(writer, stage.Files);
        });
        writer.List(law.Activations, done =>
        {
            writer.Number(done.Version);
            writer.Text(done.Digest);
            writer.Number(done.Position);
            writer.Instant(done.At);
            writer.List(done.Regions, id => writer.Text(id.Value));
            writer.OptionalText(done.SignedBy);
        });
        writer.List(law.Findings.Values.ToSeq(), open =>
        {
            Write(writer, open.Finding);
            writer.Instant(open.FoundAt);
            writer.Number(open.Position);
        });
    }

    public static PoliciesInForce ReadLaw(CanonicalReader reader) => new()
    {
        Files = ReadFiles(reader),
        Stages = reader.List(() => new FilesInRegions(
            reader.Text(), reader.List(() => new RegionId(reader.Text())), ReadFiles(reader))),
        Activations = reader.List(() => new Activation(
            reader.Number(), reader.Text(), reader.Number(), reader.Instant())
        {
            Regions = reader.List(() => new RegionId(reader.Text())), SignedBy = reader.OptionalText(),
        }),
        Findings = reader.List(() => new OpenFinding(ReadFinding(reader), reader.Instant(), reader.Number()))
            .ToImmutableSortedDictionary(open => open.Finding.Placement, open => open),
    };

    public static void WriteFiles(CanonicalWriter writer, Seq<SourceFile> files) =>
        writer.List(files, file => EventCodec.WriteFile(writer, file));

    public static Seq<SourceFile> ReadFiles(CanonicalReader reader) => reader.List(() => EventCodec.ReadFile(reader));

    private static void Write(CanonicalWriter writer, BindingFinding found)
    {
        writer.Id(found.Placement);
        writer.Text(found.Tenant.Value);
        writer.Text(found.Workload);
        writer.List(found.Sites, id => writer.Text(id.Value));
        writer.Number(found.Epoch);
        writer.List(found.Breaches, breach =>
        {
            writer.Text(breach.Rule);
            writer.Text(breach.Reason);
            writer.Text(breach.Because);
            writer.Number(breach.Since.DayNumber);
            writer.Number(breach.Deadline.DayNumber);
        });
    }

    private static BindingFinding ReadFinding(CanonicalReader reader) => new()
    {
        Placement = reader.Id(),
        Tenant = new(reader.Text()),
        Workload = reader.Text(),
        Sites = reader.List(() => new SiteId(reader.Text())),
        Epoch = reader.Number(),
        Breaches = reader.List(() => new FoundBreach(
            reader.Text(), reader.Text(), reader.Text(), ReadDay(reader), ReadDay(reader))),
    };

    private static DateOnly ReadDay(CanonicalReader reader)
    {
        var number = reader.Number();
        return number >= 0 && number <= DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber((int)number)
            : throw reader.Broken("a day is out of range");
    }
}
