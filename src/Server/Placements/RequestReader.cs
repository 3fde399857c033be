using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>
/// Reads placement requests strictly: every member is known and checked, all problems are found at once, and bodies
/// that mean the same give the same request.
/// </summary>
internal sealed class RequestReader
{
    private readonly Complaints wrong = new();
    private readonly RequestReferences references;

    private RequestReader(Fleet fleet, DateTimeOffset now) => references = new RequestReferences(fleet, now, wrong);

    /// <summary>A body of POST /v1/placements and :plan.</summary>
    public static RequestReading Placement(ReadOnlySpan<byte> body, Fleet fleet, DateTimeOffset now) =>
        Read(body, fleet, now, (reader, root) => [reader.Ask(root, holds: false)]);

    /// <summary>A body of POST /v1/holds.</summary>
    public static RequestReading Hold(ReadOnlySpan<byte> body, Fleet fleet, DateTimeOffset now) =>
        Read(body, fleet, now, (reader, root) => [reader.Ask(root, holds: true)]);

    /// <summary>A body of POST /v1/placements:batch.</summary>
    public static RequestReading Batch(ReadOnlySpan<byte> body, Fleet fleet, DateTimeOffset now) =>
        Read(body, fleet, now, (reader, root) => reader.AskAll(root));

    private static RequestReading Read(
        ReadOnlySpan<byte> body, Fleet fleet, DateTimeOffset now,
        Func<RequestReader, BodyNode, IEnumerable<Asked?>> read)
    {
        var parsed = StrictJson.Parse(body);
        if (!parsed.IsValid) return new RequestReading([], parsed.Problems, []);
        var reader = new RequestReader(fleet, now);
        var asked = read(reader, parsed.Value).OfType<Asked>().ToSeq();
        return new RequestReading(
            reader.wrong.Any ? [] : asked, reader.wrong.Problems.ToSeq(), reader.references.OfTheDay.Problems.ToSeq());
    }

    private List<Asked?> AskAll(BodyNode root)
    {
        if (AsObject(root) is not { } body) return [];
        var fields = new FieldReader(body, wrong);
        var list = fields.List("requests", required: true);
        fields.Finish();
        switch (list?.Items.Count)
        {
            case null:
                return [];
            case 0:
                fields.Complain(
                    ProblemCatalog.TooFew,
                    "requests",
                    $"is empty; 1 to {RequestLimits.MostRequestsInBatch} are needed");
                return [];
            case > RequestLimits.MostRequestsInBatch:
                fields.Complain(ProblemCatalog.TooMany, "requests",
                    $"has {list.Items.Count} entries; the limit is {RequestLimits.MostRequestsInBatch}");
                return [];
            default:
                return [.. list.Items.Select(item => Ask(item, holds: false))];
        }
    }

    private Asked? Ask(BodyNode node, bool holds)
    {
        if (AsObject(node) is not { } body) return null;
        var fields = new FieldReader(body, wrong);
        var before = wrong.Problems.Count;
        var tenant = fields.Name("tenant");
        var workload = fields.Name("workload");
        var kind = fields.Choice("kind", required: true, WireNames.WorkloadKinds);
        var dataClass = fields.Name("dataClass");
        var labels = LabelReader.Read(fields, wrong);
        var residency = references.Residency(fields);
        var laws = references.AccessLaws(fields);
        var (allow, deny) = references.Regions(fields, wrong);
        var units = fields.Whole("units", required: false, 1, RequestLimits.MostUnits);
        var unit = UnitNeedReader.Read(fields, references, wrong);
        var spread = Spread(fields, kind, fields.Has("units") ? units ?? RequestLimits.MostUnits : 1);
        var declared = DataReader.Read(fields, references, tenant, wrong);
        var home = references.HomeRegion(fields);
        var priority = fields.Whole("priority", required: false, 0, RequestLimits.MostPriority) ?? 0;
        var deadline = references.Deadline(fields);
        var needs = DependencyReader.Read(fields, wrong);
        var runClass = fields.Choice("runClass", required: false, WireNames.RunClasses) ?? RunClass.Exclusive;
        var hold = holds ? fields.Whole("holdSeconds", required: true, 1, RequestLimits.MostHoldSeconds) : null;
        var explain = fields.Flag("explain");
        fields.Finish();
        if (wrong.Problems.Count > before || wrong.Problems.Count >= Complaints.Most) return null;
        var request = new PlacementRequest
        {
            Tenant = new(tenant!),
            Workload = workload!,
            Kind = kind!.Value,
            DataClass = new(dataClass!),
            Labels = labels,
            Residency = residency,
            ExcludeAccessLaws = laws,
            AllowRegions = allow,
            DenyRegions = deny,
            DataCopies = declared.DataCopies ?? references.CopiesOf(declared.Datasets),
            Datasets = declared.Datasets,
            DataOrigin = declared.DataOrigin,
            TenantHome = declared.TenantHome,
            Artefact = declared.Artefact,
            Isolation = declared.Isolation,
            Units = (int)(units ?? 1),
            Unit = unit!,
            Spread = spread,
            HomeRegion = home,
            Priority = (int)priority,
            Deadline = deadline,
            DependsOn = needs,
            RunClass = runClass,
        };
        return new Asked(request, hold is { } seconds ? TimeSpan.FromSeconds(seconds) : null, explain);
    }

    private SpreadNeed? Spread(FieldReader fields, WorkloadKind? kind, long units)
    {
        if (fields.Object("spread") is not { } node) return null;
        if (kind == WorkloadKind.Gang)
            fields.Complain(
                ProblemCatalog.FieldConflict,
                "spread",
                "must be left out when kind is gang: a gang runs in one fabric domain");
        var spread = new FieldReader(node, wrong);
        var over = spread.Choice("over", required: true, WireNames.SpreadDomains);
        var domains = spread.Whole("minDomains", required: true, 1, units);
        var skew = spread.Whole("maxSkew", required: true, 0, RequestLimits.MostUnits);
        spread.Finish();
        return over is { } domain && domains is { } least && skew is { } most
            ? new SpreadNeed(domain, (int)least, (int)most)
            : null;
    }

    private BodyObject? AsObject(BodyNode node)
    {
        if (node is BodyObject found) return found;
        wrong.Add(node is BodyNull
            ? ProblemCatalog.FieldNull.At(node.Pointer, "must not be null")
            : ProblemCatalog.FieldType.At(node.Pointer, $"must be an object, is {node.Form}"));
        return null;
    }
}
