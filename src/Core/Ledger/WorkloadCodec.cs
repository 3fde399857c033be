using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>
/// The canonical form of requests and placements. Version 2 added where data comes from and is copied to, the tenant's
/// home, the artefact and isolation; version 1 is read as having declared none of them. Version 3 added the run class
/// and moves; before it everything was exclusive and stayed where it was. Version 4 added datasets; before it nothing
/// read any. Version 5 is written for what needs others near; the bytes of everything else are as they were.
/// </summary>
internal static class WorkloadCodec
{
    /// <summary>Newest version that is written.</summary>
    public const ulong Version = 5;

    private const ulong WithoutDependencies = 4;

    /// <summary>Version in which a request is written.</summary>
    public static ulong VersionOf(PlacementRequest request) =>
        request.DependsOn.Count > 0 ? Version : WithoutDependencies;

    public static void Write(CanonicalWriter writer, PlacementRequest request)
    {
        writer.Text(request.Tenant.Value);
        writer.Text(request.Workload);
        writer.Number((long)request.Kind);
        writer.Text(request.DataClass.Value);
        writer.List(request.Labels, static (writer, label) =>
        {
            writer.Text(label.Key);
            writer.Text(label.Value);
        });
        writer.List(request.Residency, static (writer, id) => writer.Text(id.Value));
        writer.List(request.ExcludeAccessLaws, static (writer, id) => writer.Text(id.Value));
        writer.List(request.AllowRegions, static (writer, id) => writer.Text(id.Value));
        writer.List(request.DenyRegions, static (writer, id) => writer.Text(id.Value));
        writer.Number(request.Units);
        Write(writer, request.Unit);
        writer.Flag(request.Spread is not null);
        if (request.Spread is { } spread)
        {
            writer.Number((long)spread.Over);
            writer.Number(spread.MinDomains);
            writer.Number(spread.MaxSkew);
        }

        writer.OptionalText(request.HomeRegion?.Value);
        writer.Number(request.Priority);
        writer.Optional(request.Deadline, static (writer, at) => writer.Instant(at));
        writer.Optional(
            request.DataCopies,
            static (writer, copies) => writer.List(copies, static (writer, id) => writer.Text(id.Value)));
        writer.OptionalText(request.DataOrigin?.Value);
        writer.OptionalText(request.TenantHome?.Value);
        writer.OptionalText(request.Artefact?.Digest);
        writer.OptionalText(request.Artefact?.SignedBy);
        writer.Number((long)request.Isolation);
        writer.Flag(request.Unit.Confidential);
        writer.Number((long)request.RunClass);
        writer.List(request.Datasets, static (writer, id) => writer.Text(id.Value));
        if (request.DependsOn.Count == 0) return;
        writer.List(request.DependsOn, static (writer, dependency) =>
        {
            writer.Text(dependency.Workload);
            writer.Number((long)dependency.Within);
        });
    }

    public static PlacementRequest ReadRequest(CanonicalReader reader, ulong version)
    {
        var request = ReadFirst(reader);
        if (version == 1) return request;
        request = request with
        {
            DataCopies = reader.Optional(() => reader.List(() => new RegionId(reader.Text()))),
            DataOrigin = reader.OptionalText() is { } origin ? new JurisdictionId(origin) : null,
            TenantHome = reader.OptionalText() is { } home ? new JurisdictionId(home) : null,
            Artefact = ReadArtefact(reader),
            Isolation = reader.Enum<IsolationLevel>(),
            Unit = request.Unit with { Confidential = reader.Flag() },
        };
        if (version == 2) return request;
        request = request with { RunClass = reader.Enum<RunClass>() };
        if (version == 3) return request;
        request = request with { Datasets = reader.List(() => new DatasetId(reader.Text())) };
        return version < Version ? request : request with
        {
            DependsOn = reader.List(() => new Dependency(reader.Text(), reader.Enum<DependencyScope>())),
        };
    }

    private static Artefact? ReadArtefact(CanonicalReader reader)
    {
        var (digest, signer) = (reader.OptionalText(), reader.OptionalText());
        return digest is null ? null : new Artefact(digest, signer);
    }

    private static PlacementRequest ReadFirst(CanonicalReader reader) => new()
    {
        Tenant = new(reader.Text()),
        Workload = reader.Text(),
        Kind = reader.Enum<WorkloadKind>(),
        DataClass = new(reader.Text()),
        Labels = reader.List(() => new Label(reader.Text(), reader.Text())),
        Residency = reader.List(() => new JurisdictionId(reader.Text())),
        ExcludeAccessLaws = reader.List(() => new AccessLawId(reader.Text())),
        AllowRegions = reader.List(() => new RegionId(reader.Text())),
        DenyRegions = reader.List(() => new RegionId(reader.Text())),
        Units = reader.Int(),
        Unit = ReadNeed(reader),
        Spread = reader.Flag() ? new SpreadNeed(reader.Enum<SpreadDomain>(), reader.Int(), reader.Int()) : null,
        HomeRegion = reader.OptionalText() is { } home ? new RegionId(home) : null,
        Priority = reader.Int(),
        Deadline = reader.Optional(reader.Instant),
    };

    public static void Write(CanonicalWriter writer, Placement placement)
    {
        writer.Id(placement.Id);
        Write(writer, placement.Request);
        writer.Number((long)placement.State);
        writer.Optional(placement.HoldUntil, writer.Instant);
        writer.Number(placement.Epoch);
        WriteUnits(writer, placement.Units);
        writer.Instant(placement.DecidedAt);
        writer.Number((long)placement.Isolation);
        FailoverCodec.WriteWay(writer, placement);
    }

    public static Placement ReadPlacement(CanonicalReader reader, ulong version) =>
        version < 3 ? ReadPlace(reader, version) : FailoverCodec.ReadWay(reader, ReadPlace(reader, version));

    private static Placement ReadPlace(CanonicalReader reader, ulong version) => new()
    {
        Id = reader.Id(),
        Request = ReadRequest(reader, version),
        State = reader.Enum<PlacementState>(),
        HoldUntil = reader.Optional(reader.Instant),
        Epoch = reader.Number(),
        Units = ReadUnits(reader),
        DecidedAt = reader.Instant(),
        Isolation = version == 1 ? IsolationLevel.Shared : reader.Enum<IsolationLevel>(),
    };

    public static void WriteUnits(CanonicalWriter writer, Seq<UnitBinding> units) => writer.List(
        units,
        static (writer, unit) =>
        {
            writer.Text(unit.Node.Pool.Value);
            writer.Number(unit.Node.Ordinal);
            writer.Unsigned(unit.Devices);
            writer.Number(unit.ShareMilli);
        });

    public static Seq<UnitBinding> ReadUnits(CanonicalReader reader) => reader.List(() =>
        new UnitBinding(new NodeId(new NodePoolId(reader.Text()), reader.Int()), reader.Unsigned(), reader.Int()));

    private static void Write(CanonicalWriter writer, UnitNeed need)
    {
        writer.Number(need.Accelerators);
        writer.Number(need.AcceleratorShareMilli);
        writer.List(need.Skus, static (writer, id) => writer.Text(id.Value));
        writer.Optional(need.MinMemoryGib, static (writer, value) => writer.Decimal(value));
        writer.Optional(need.MinBandwidthGigabytesPerSecond, static (writer, value) => writer.Decimal(value));
        writer.Optional(need.MinTeraflopsBf16, static (writer, value) => writer.Decimal(value));
        writer.Optional(need.MinTeraflopsFp8, static (writer, value) => writer.Decimal(value));
        writer.Optional(need.MinTeraflopsFp4, static (writer, value) => writer.Decimal(value));
        writer.Optional(need.Fabric, static (writer, fabric) => writer.Number((long)fabric));
        writer.Number(need.CpuMilli);
        writer.Number(need.MemoryMib);
    }

    private static UnitNeed ReadNeed(CanonicalReader reader) => new()
    {
        Accelerators = reader.Int(),
        AcceleratorShareMilli = reader.Int(),
        Skus = reader.List(() => new SkuId(reader.Text())),
        MinMemoryGib = reader.Optional(reader.Decimal),
        MinBandwidthGigabytesPerSecond = reader.Optional(reader.Decimal),
        MinTeraflopsBf16 = reader.Optional(reader.Decimal),
        MinTeraflopsFp8 = reader.Optional(reader.Decimal),
        MinTeraflopsFp4 = reader.Optional(reader.Decimal),
        Fabric = reader.Optional(reader.Enum<FabricKind>),
        CpuMilli = reader.Number(),
        MemoryMib = reader.Number(),
    };
}
