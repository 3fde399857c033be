using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>Names the members of a request that are usual enough to be read without a tree.</summary>
internal enum RequestMember
{
    Tenant,
    Workload,
    Kind,
    DataClass,
    CpuMilli,
    MemoryMib,
    Accelerators,
    Residency,
    Units,
    Priority,
    Regions,
    ExcludeAccessLaws,
    Labels,
    HomeRegion,
    RunClass,
}

/// <summary>A request on its way from the bytes of a body; each member may come once.</summary>
internal struct RequestDraft
{
    private const int Required = (1 << (int)RequestMember.Tenant) | (1 << (int)RequestMember.Workload)
        | (1 << (int)RequestMember.Kind) | (1 << (int)RequestMember.DataClass)
        | (1 << (int)RequestMember.CpuMilli) | (1 << (int)RequestMember.MemoryMib);

    private int seen;
    private TenantId tenant;
    private DataClassId dataClass;
    private WorkloadKind kind;
    private RunClass? runClass;
    private UnitNeed? accelerators;
    private Seq<JurisdictionId> residency;
    private Seq<AccessLawId> laws;
    private Seq<Label> labels;
    private (Seq<RegionId> Allow, Seq<RegionId> Deny) regions;
    private RegionId? home;
    private long cpuMilli;
    private long memoryMib;
    private long units = 1;
    private long priority;

    public RequestDraft()
    {
    }

    public string Workload { get; set; } = "";

    /// <summary>The member of a name; null when it is not usual, or came before.</summary>
    public RequestMember? Place(ReadOnlySpan<byte> name)
    {
        if (MemberOf(name) is not { } member || (seen & (1 << (int)member)) != 0) return null;
        seen |= 1 << (int)member;
        return member;
    }

    /// <summary>Takes a number; false when it is out of its bounds.</summary>
    public bool Set(RequestMember member, long value)
    {
        switch (member)
        {
            case RequestMember.Units:
                units = value;
                return value is >= 1 and <= RequestLimits.MostUnits;
            case RequestMember.Priority:
                priority = value;
                return value <= RequestLimits.MostPriority;
            case RequestMember.CpuMilli:
                cpuMilli = value;
                return value <= RequestLimits.MostCpuMilli;
            default:
                memoryMib = value;
                return value <= RequestLimits.MostMemoryMib;
        }
    }

    public void Set(RequestMember member, object meaning)
    {
        switch (member)
        {
            case RequestMember.Tenant: tenant = (TenantId)meaning; break;
            case RequestMember.DataClass: dataClass = (DataClassId)meaning; break;
            case RequestMember.Kind: kind = (WorkloadKind)meaning; break;
            case RequestMember.RunClass: runClass = (RunClass)meaning; break;
            case RequestMember.Residency: residency = (Seq<JurisdictionId>)meaning; break;
            case RequestMember.ExcludeAccessLaws: laws = (Seq<AccessLawId>)meaning; break;
            case RequestMember.Labels: labels = (Seq<Label>)meaning; break;
            case RequestMember.Regions: regions = ((Seq<RegionId>, Seq<RegionId>))meaning; break;
            case RequestMember.HomeRegion: home = (RegionId)meaning; break;
            default: accelerators = (UnitNeed)meaning; break;
        }
    }

    /// <summary>The request, when everything that is required came.</summary>
    public readonly Asked? Finish()
    {
        if ((seen & Required) != Required) return null;
        var request = new PlacementRequest
        {
            Tenant = tenant,
            Workload = Workload,
            Kind = kind,
            DataClass = dataClass,
            Labels = labels,
            Residency = residency,
            ExcludeAccessLaws = laws,
            AllowRegions = regions.Allow,
            DenyRegions = regions.Deny,
            Units = (int)units,
            Unit = (accelerators ?? new UnitNeed { CpuMilli = 0, MemoryMib = 0 }) with
            {
                CpuMilli = cpuMilli, MemoryMib = memoryMib,
            },
            HomeRegion = home,
            Priority = (int)priority,
            RunClass = runClass ?? RunClass.Exclusive,
        };
        return new Asked(request, Hold: null, Explain: false);
    }

    private static RequestMember? MemberOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when name.SequenceEqual("kind"u8) => RequestMember.Kind,
        5 when name.SequenceEqual("units"u8) => RequestMember.Units,
        6 when name.SequenceEqual("tenant"u8) => RequestMember.Tenant,
        6 when name.SequenceEqual("labels"u8) => RequestMember.Labels,
        7 when name.SequenceEqual("regions"u8) => RequestMember.Regions,
        8 when name.SequenceEqual("workload"u8) => RequestMember.Workload,
        8 when name.SequenceEqual("cpuMilli"u8) => RequestMember.CpuMilli,
        8 when name.SequenceEqual("priority"u8) => RequestMember.Priority,
        8 when name.SequenceEqual("runClass"u8) => RequestMember.RunClass,
        9 when name.SequenceEqual("dataClass"u8) => RequestMember.DataClass,
        9 when name.SequenceEqual("memoryMib"u8) => RequestMember.MemoryMib,
        9 when name.SequenceEqual("residency"u8) => RequestMember.Residency,
        10 when name.SequenceEqual("homeRegion"u8) => RequestMember.HomeRegion,
        12 when name.SequenceEqual("accelerators"u8) => RequestMember.Accelerators,
        17 when name.SequenceEqual("excludeAccessLaws"u8) => RequestMember.ExcludeAccessLaws,
        _ => null,
    };
}
