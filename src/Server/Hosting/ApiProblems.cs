namespace ControlPlane.Server.Hosting;

/// <summary>Groups the problems that operations of one kind share.</summary>
internal static class ApiProblems
{
    /// <summary>Of every request, whatever it asks.</summary>
    public static Seq<ProblemKind> OfAll { get; } =
    [
        ProblemCatalog.Framing, ProblemCatalog.UnknownField, ProblemCatalog.JsonDuplicate, ProblemCatalog.NotAcceptable,
        ProblemCatalog.Internal,
    ];

    /// <summary>Of every request whose caller must be known.</summary>
    public static Seq<ProblemKind> OfGate { get; } =
    [
        ProblemCatalog.Unauthenticated, ProblemCatalog.TokenTime, ProblemCatalog.TokenInvalid,
        ProblemCatalog.TokenTooLarge, ProblemCatalog.RoleMissing, ProblemCatalog.ScopeMissing,
        ProblemCatalog.AgentsStopped, ProblemCatalog.AgentWithoutGrant, ProblemCatalog.KeysUnavailable,
        ProblemCatalog.TooMuchAtOnce,
    ];

    /// <summary>Of JSON that is sent, whatever it says.</summary>
    private static Seq<ProblemKind> OfJson { get; } =
    [
        ProblemCatalog.BodyMissing, ProblemCatalog.JsonSyntax, ProblemCatalog.JsonDepth, ProblemCatalog.TextEncoding,
        ProblemCatalog.TooSlow, ProblemCatalog.BodyTooLarge, ProblemCatalog.MediaType,
    ];

    /// <summary>Of the fields of a body.</summary>
    public static Seq<ProblemKind> OfBodies { get; } =
        [.. OfJson, ProblemCatalog.FieldRequired, ProblemCatalog.FieldNull, ProblemCatalog.FieldType];

    /// <summary>Of bodies that ask for a place.</summary>
    public static Seq<ProblemKind> OfRequests { get; } =
    [
        .. OfJson,
        .. ProblemCatalog.WellFormedButWrong
            .Where(kind => kind != ProblemCatalog.IdempotencyKeyReused && kind != ProblemCatalog.PolicyInvalid),
        ProblemCatalog.RateLimited,
    ];

    /// <summary>Of the Idempotency-Key.</summary>
    public static Seq<ProblemKind> OfKeys { get; } =
    [
        ProblemCatalog.IdempotencyKeyMissing, ProblemCatalog.IdempotencyKeyFormat, ProblemCatalog.IdempotencyKeyReused,
        ProblemCatalog.IdempotencyInProgress,
    ];

    /// <summary>Of whatever the decision loop is asked.</summary>
    public static Seq<ProblemKind> OfChanges { get; } =
    [
        ProblemCatalog.Busy, ProblemCatalog.OutcomeUnknown, ProblemCatalog.StoreUnavailable,
        ProblemCatalog.AgentBudget,
    ];

    public static Seq<ProblemKind> OfIds { get; } = [ProblemCatalog.IdFormat, ProblemCatalog.NotFound];

    public static Seq<ProblemKind> OfListings { get; } =
        [ProblemCatalog.PageToken, ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable];
}
