namespace ControlPlane.Server.Hosting;

/// <content>What is well-formed and wrong: 422.</content>
internal static partial class ProblemCatalog
{
    public static ProblemKind FieldRequired { get; } = new("field-required", 422, "A required member is missing",
        "The pointer names the member.");

    public static ProblemKind FieldNull { get; } = new("field-null", 422, "A member is null",
        "No member may be null. Leave an optional member out instead.");

    public static ProblemKind FieldType { get; } = new("field-type", 422, "A value has the wrong type",
        "Whole numbers are written with digits only and without quotes.");

    public static ProblemKind FieldConflict { get; } = new("field-conflict", 422, "Two members exclude each other",
        "The detail names both.");

    public static ProblemKind OutOfRange { get; } = new("out-of-range", 422, "A value is out of range",
        "The detail names the smallest and the largest value.");

    public static ProblemKind NameFormat { get; } = new("name-format", 422, "A name is malformed",
        "The detail names what the name may be made of.");

    public static ProblemKind ControlCharacter { get; } = new("control-character", 422,
        "A text holds a control character",
        "Control characters, line separators and marks that reorder text are refused, because they hide "
            + "what people see.");

    public static ProblemKind TooLong { get; } = new("too-long", 422, "A text is too long",
        "The detail names the limit.");

    public static ProblemKind TooMany { get; } = new("too-many", 422, "A list or object has too many entries",
        "The detail names the limit.");

    public static ProblemKind TooFew { get; } = new("too-few", 422, "A list has too few entries",
        "The detail names the limit.");

    public static ProblemKind ValueUnknown { get; } = new("value-unknown", 422, "A value is not one of those known",
        "The detail lists the values.");

    public static ProblemKind CountryUnknown { get; } = new("country-unknown", 422, "A jurisdiction is not known",
        "Jurisdictions are ISO 3166 alpha-2 codes in upper case, or groups such as EU that the catalogue declares.");

    public static ProblemKind AccessLawUnknown { get; } = new("access-law-unknown", 422, "An access law is not known",
        "Access laws are those that the catalogue of jurisdictions declares, such as US_CLOUD_ACT.");

    public static ProblemKind ResidencyEmpty { get; } = new("residency-empty", 422, "The residency list is empty",
        "An empty list does not mean anywhere. Name jurisdictions, or leave the member out.");

    public static ProblemKind RegionsEmpty { get; } = new("regions-empty", 422, "The list of allowed regions is empty",
        "An empty list does not mean anywhere. Name regions, or leave the member out.");

    public static ProblemKind RegionUnknown { get; } = new("region-unknown", 422, "A region is not known",
        "The detail lists the nearest known regions; GET /v1/regions lists all.");

    public static ProblemKind AcceleratorUnknown { get; } = new("accelerator-unknown", 422, "A sku is not known",
        "The detail lists the nearest known skus; GET /v1/skus lists all.");

    public static ProblemKind DatasetUnknown { get; } = new("dataset-unknown", 422,
        "A dataset of the tenant is not known",
        "Datasets are declared in the file of the region that is their home, each with the tenant whose it is.");

    public static ProblemKind TimeFormat { get; } = new("time-format", 422, "A time is malformed",
        "Times are written as RFC 3339 says, with their offset: 2027-01-01T00:00:00Z or 2027-01-01T01:00:00+01:00.");

    public static ProblemKind TimePast { get; } = new("time-past", 422, "A time is in the past",
        "The detail names the time of the server.");

    public static ProblemKind PolicyInvalid { get; } = new("policy-invalid", 422, "A policy file cannot be used",
        "The detail names file, line and column. The command cplane check finds the same without a server.");

    public static ProblemKind IdempotencyKeyReused { get; } = new("idempotency-key-reused", 422,
        "The Idempotency-Key was used for another request",
        "The detail names the hash of the first request. Use a new key for a new request.");

    public static ProblemKind DependencyUnknown { get; } = new("dependency-unknown", 422,
        "A workload that is needed is not there",
        "A workload can only be near one of its own tenant that has a place already. Place that one first.");

    public static ProblemKind DependencyCycle { get; } = new("dependency-cycle", 422, "Workloads need each other",
        "The detail names the ring. Let one of them do without the other.");

    internal static IEnumerable<ProblemKind> WellFormedButWrong =>
    [
        FieldRequired, FieldNull, FieldType, FieldConflict, OutOfRange, NameFormat, ControlCharacter, TooLong, TooMany,
        TooFew, ValueUnknown, CountryUnknown, AccessLawUnknown, ResidencyEmpty, RegionsEmpty, RegionUnknown,
        AcceleratorUnknown, DatasetUnknown, TimeFormat, TimePast, PolicyInvalid, DependencyUnknown, DependencyCycle,
        IdempotencyKeyReused,
    ];
}
