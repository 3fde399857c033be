namespace ControlPlane.Server.Hosting;

/// <content>What is wrong with a declared file, as a check and the log of the server tell it.</content>
internal static partial class ProblemCatalog
{
    public static ProblemKind InUse { get; } = new("in-use", 409, "Something that would go is in use",
        "Files that take away what placements use are not put in force; what was in force stays. Release or move the "
        + "placements first.");

    public static ProblemKind SiteUnknown { get; } = new("site-unknown", 422,
        "A site is not known",
        "The detail lists the nearest declared site.");

    public static ProblemKind ClusterUnknown { get; } = new("cluster-unknown", 422,
        "A cluster is not known",
        "The detail names what the region declares.");

    public static ProblemKind PolicyUnknown { get; } = new("policy-unknown", 422,
        "A policy is not known",
        "The detail lists the nearest.");

    public static ProblemKind PlaceUnknown { get; } = new("place-unknown", 422,
        "A place is not known",
        "The detail lists the nearest.");

    public static ProblemKind RuleUnknown { get; } = new("rule-unknown", 422,
        "A rule is not known",
        "The detail lists the nearest rule of the policy.");

    public static ProblemKind RuleShadowed { get; } = new("rule-shadowed", 422,
        "A rule never decides anything",
        "The detail names the rule that always decides before it.");

    public static ProblemKind RuleUnreachable { get; } = new("rule-unreachable", 422,
        "A rule can never apply",
        "The detail names what keeps it from applying.");

    public static ProblemKind PatternUnsafe { get; } = new("pattern-unsafe", 422,
        "A pattern is too costly",
        "Patterns of labels are kept simple, so that no label can hold the server up.");

    public static ProblemKind IncludeCycle { get; } = new("include-cycle", 422,
        "Policies include each other",
        "The detail names the way round.");

    public static ProblemKind WaiverIncomplete { get; } = new("waiver-incomplete", 422,
        "A waiver lacks what it needs",
        "Every waiver has an owner, a reason, a scope and an end.");

    public static ProblemKind CapacityUnknown { get; } = new("capacity-unknown", 422,
        "A reserved capacity is not known",
        "The detail names what the catalogue declares.");

    public static ProblemKind ClaimIncomplete { get; } = new("claim-incomplete", 422,
        "A claim lacks what its kind needs",
        "The detail names the field that is missing or has no place there.");

    public static ProblemKind ClaimPeriod { get; } = new("claim-period", 422, "A claim ends before it begins",
        "validTo must not be before validFrom.");

    public static ProblemKind Cycle { get; } = new("cycle", 422, "A chain of references ends where it began",
        "The detail names the way round.");

    public static ProblemKind DateOrder { get; } = new("date-order", 422, "Two dates are in the wrong order",
        "The detail names both.");

    public static ProblemKind DuplicateField { get; } = new("duplicate-field", 422, "A field stands twice",
        "Write each field once; the detail names the line of the first.");

    public static ProblemKind DuplicateId { get; } = new("duplicate-id", 422, "An id is declared twice",
        "The detail names both places.");

    public static ProblemKind DuplicateLink { get; } = new("duplicate-link", 422, "A link is declared twice",
        "One link joins two regions, declared in one of them.");

    public static ProblemKind EntityUnknown { get; } = new("entity-unknown", 422, "A legal entity is not known",
        "Declare it in the catalogue of legal entities; the detail lists the nearest.");

    public static ProblemKind EvidenceExpired { get; } = new("evidence-expired", 422,
        "A claim has expired, or soon will",
        "Renew the evidence. Policies no longer count the claim after its last day.");

    public static ProblemKind EvidenceMissing { get; } = new("evidence-missing", 422, "A fact has no source",
        "Name a source, or say assumed: true.");

    public static ProblemKind FieldBlank { get; } = new("field-blank", 422, "A text is blank",
        "Blank never means anything in particular; leave an optional field out.");

    public static ProblemKind FileTooLarge { get; } = new("file-too-large", 422, "A file is too large",
        "The detail names the limit.");

    public static ProblemKind FileUnexpected { get; } = new("file-unexpected", 422,
        "A file stands where none of its kind belongs",
        "The detail names what belongs there.");

    public static ProblemKind FileUnreadable { get; } = new("file-unreadable", 422, "A file cannot be read",
        "The detail names the reason.");

    public static ProblemKind InstanceTypeUnknown { get; } = new("instance-type-unknown", 422,
        "A machine type is not known",
        "The detail lists the nearest that the catalogue declares.");

    public static ProblemKind InventoryInconsistent { get; } = new("inventory-inconsistent", 422,
        "Two figures contradict each other",
        "The detail names both figures.");

    public static ProblemKind LinkToSelf { get; } = new("link-to-self", 422, "A region is linked to itself",
        "A link joins two regions.");

    public static ProblemKind NoGroup { get; } = new("no-group", 422, "A jurisdiction that is no group has members",
        "Name a group, or mark it as one.");

    public static ProblemKind PathEscape { get; } = new("path-escape", 422, "A path leads out of the tree",
        "Links out of the folder of declared files are refused.");

    public static ProblemKind PolicyBlank { get; } = new("policy-blank", 422, "A policy or rule is blank",
        "Blank never means allow. Say what is matched and what is required.");

    public static ProblemKind PowerPhases { get; } = new("power-phases", 422, "Phases of power are out of order",
        "Each phase begins later than the one before and gives no less.");

    public static ProblemKind ProviderRegionUnknown { get; } = new("provider-region-unknown", 422,
        "A region of the provider is not known",
        "The detail lists the nearest that the catalogue declares.");

    public static ProblemKind ProviderUnknown { get; } = new("provider-unknown", 422, "A provider is not known",
        "The detail lists the nearest that the catalogue declares.");

    public static ProblemKind RegionContradiction { get; } = new("region-contradiction", 422,
        "Two countries contradict each other",
        "The detail names both places.");

    public static ProblemKind RuleConflict { get; } = new("rule-conflict", 422,
        "Two parts of a rule exclude each other",
        "The detail names both.");

    public static ProblemKind SchemaVersion { get; } = new("schema-version", 422,
        "The version of the form is not known",
        "The detail names the versions that are.");

    public static ProblemKind SchemeUnknown { get; } = new("scheme-unknown", 422, "A certification scheme is not known",
        "The detail lists the nearest.");

    public static ProblemKind SourceUnknown { get; } = new("source-unknown", 422, "A source is not known",
        "Declare it in the catalogue of sources; the detail lists the nearest.");

    public static ProblemKind YamlAlias { get; } = new("yaml-alias", 422, "Anchors and aliases are refused",
        "Write the value out; an alias can make a small file large.");

    public static ProblemKind YamlDepth { get; } = new("yaml-depth", 422, "A file is nested too deeply",
        "The detail names the limit.");

    public static ProblemKind YamlSyntax { get; } = new("yaml-syntax", 422, "A file is not YAML",
        "The detail names line and column. Tabs do not indent.");

    public static ProblemKind YamlTag { get; } = new("yaml-tag", 422, "Tags are refused",
        "Leave the tag out; fields have the types that the schema gives them.");

    internal static IEnumerable<ProblemKind> OfFiles =>
    [
        InUse, CapacityUnknown, ClaimIncomplete, ClaimPeriod, Cycle, DateOrder, DuplicateField, DuplicateId,
        DuplicateLink, EntityUnknown, EvidenceExpired, EvidenceMissing, FieldBlank, FileTooLarge, FileUnexpected,
        FileUnreadable, InstanceTypeUnknown, InventoryInconsistent, LinkToSelf, NoGroup, PathEscape, PolicyBlank,
        PowerPhases, ProviderRegionUnknown, ProviderUnknown, RegionContradiction, RuleConflict, SchemaVersion,
        SchemeUnknown, SourceUnknown, YamlAlias, YamlDepth, YamlSyntax, YamlTag,
        SiteUnknown, ClusterUnknown, PolicyUnknown, PlaceUnknown, RuleUnknown, RuleShadowed, RuleUnreachable,
        PatternUnsafe, IncludeCycle, WaiverIncomplete,
    ];
}
