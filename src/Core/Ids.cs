using ControlPlane.Files;

namespace ControlPlane;

/// <summary>Names one of our regions: one operator under one jurisdiction.</summary>
public readonly record struct RegionId(string Value) : IComparable<RegionId>
{
    public int CompareTo(RegionId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names a cell: one server, ledger and database for a set of jurisdictions.</summary>
public readonly record struct CellId(string Value) : IComparable<CellId>
{
    public int CompareTo(CellId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names a site: one building with a power feed.</summary>
public readonly record struct SiteId(string Value) : IComparable<SiteId>
{
    public int CompareTo(SiteId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names a cluster run by one scheduler at one site.</summary>
public readonly record struct ClusterId(string Value) : IComparable<ClusterId>
{
    public int CompareTo(ClusterId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names a pool of equal nodes in one cluster.</summary>
public readonly record struct NodePoolId(string Value) : IComparable<NodePoolId>
{
    public int CompareTo(NodePoolId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names a node: its pool and its place in the pool, counted from 0.</summary>
public readonly record struct NodeId(NodePoolId Pool, int Ordinal) : IComparable<NodeId>
{
    public int CompareTo(NodeId other)
    {
        var byPool = Pool.CompareTo(other.Pool);
        return byPool != 0 ? byPool : Ordinal.CompareTo(other.Ordinal);
    }

    public override string ToString() => $"{Pool.Value}-{Ordinal:0000}";

    /// <summary>The node of a name; null when it is none.</summary>
    public static NodeId? Parse(string name)
    {
        var at = name.LastIndexOf('-');
        if (at <= 0 || !int.TryParse(name.AsSpan(at + 1), System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture, out var ordinal)) return null;
        var node = new NodeId(new NodePoolId(name[..at]), ordinal);
        return node.ToString() == name ? node : null;
    }
}

/// <summary>Names an accelerator model of the catalogue.</summary>
public readonly record struct SkuId(string Value) : IComparable<SkuId>
{
    public int CompareTo(SkuId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>
/// Names a jurisdiction: an ISO 3166 country such as <c>DE</c>, or a group of them such as <c>EU</c>.
/// </summary>
[NameFormat("^[A-Z][A-Z0-9_]{1,31}$", "an upper-case country code such as \"DE\" or the name of a group such as EU")]
public readonly record struct JurisdictionId(string Value) : IComparable<JurisdictionId>
{
    public int CompareTo(JurisdictionId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>
/// Names a law by which a state can compel an operator to hand over data, such as <c>US_CLOUD_ACT</c>.
/// </summary>
[NameFormat("^[A-Z][A-Z0-9_]{1,63}$", "upper-case letters, digits and underscores")]
public readonly record struct AccessLawId(string Value) : IComparable<AccessLawId>
{
    public int CompareTo(AccessLawId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names a company or public body that operates, owns or provides something.</summary>
public readonly record struct LegalEntityId(string Value) : IComparable<LegalEntityId>
{
    public int CompareTo(LegalEntityId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names a policy file's policy.</summary>
public readonly record struct PolicyId(string Value) : IComparable<PolicyId>
{
    public int CompareTo(PolicyId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names a waiver file's waiver.</summary>
public readonly record struct WaiverId(string Value) : IComparable<WaiverId>
{
    public int CompareTo(WaiverId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names a tenant.</summary>
public readonly record struct TenantId(string Value) : IComparable<TenantId>
{
    public int CompareTo(TenantId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names a class of data, such as <c>health</c> or <c>public</c>.</summary>
public readonly record struct DataClassId(string Value) : IComparable<DataClassId>
{
    public int CompareTo(DataClassId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names a dataset.</summary>
public readonly record struct DatasetId(string Value) : IComparable<DatasetId>
{
    public int CompareTo(DatasetId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Names one decision, and the placement that it made if it made one.</summary>
public readonly record struct DecisionId(Guid Value) : IComparable<DecisionId>
{
    public int CompareTo(DecisionId other) => Value.CompareTo(other.Value);
    public override string ToString() => Value.ToString("D");
}
