namespace ControlPlane.Server.Hosting;

/// <summary>
/// Names every kind of problem once. Answers, their documentation and the tests are made from these.
/// </summary>
internal static partial class ProblemCatalog
{
    // What is not well-formed: 400 and the like

    public static ProblemKind BodyMissing { get; } = new("body-missing", 400, "A JSON body is required",
        "The request has no body. Send a JSON object.");

    public static ProblemKind JsonSyntax { get; } = new("json-syntax", 400, "The body is not JSON",
        "The body breaks the grammar of JSON. The detail names line and column, counted from 1. Comments and trailing "
        + "commas are not JSON.");

    public static ProblemKind JsonDuplicate { get; } = new("json-duplicate", 400, "A member stands twice in an object",
        "Two readers could take different values, so none is taken. Send each member once.");

    public static ProblemKind JsonDepth { get; } = new("json-depth", 400, "The body is nested too deeply",
        "Objects and lists may be nested 16 deep.");

    public static ProblemKind TextEncoding { get; } = new("encoding", 400, "The body is not UTF-8 text",
        "A byte sequence is not UTF-8, there is a byte order mark, or an escape gives half of a surrogate pair. The "
        + "detail names the byte, counted from 0.");

    public static ProblemKind UnknownField { get; } = new("unknown-field", 400, "A member or parameter is not known",
        "Unknown members are refused, because a misspelt limit that is ignored is no limit. The detail suggests the "
        + "nearest known name.");

    public static ProblemKind IdempotencyKeyMissing { get; } = new("idempotency-key-missing", 400,
        "The Idempotency-Key header is required",
        "Send a value that is new for each request that is meant to be new, such as a UUID. The same key with the same "
        + "request gives the same answer again, however often it is sent.");

    public static ProblemKind IdempotencyKeyFormat { get; } = new("idempotency-key-format", 400,
        "The Idempotency-Key header is malformed", "The key is 1 to 255 visible ASCII characters, given once.");

    public static ProblemKind IdFormat { get; } = new("id-format", 400, "An id in the path is malformed",
        "Placements, holds and decisions are named by UUIDs; regions, sites, node pools and skus by lower-case names.");

    public static ProblemKind PageToken { get; } = new("page-token", 400, "The page token is not valid",
        "Page tokens are opaque, belong to one listing with its filters, and are sent back unchanged. Start the "
        + "listing again without one.");

    public static ProblemKind HeaderFormat { get; } = new("header-format", 400, "A header is malformed",
        "The detail names the header and what it must hold.");

    public static ProblemKind Framing { get; } = new("framing", 400, "The HTTP message is malformed",
        "Where the message ends is not certain, for example because it has both Content-Length and Transfer-Encoding. "
        + "The connection is closed.");

    public static ProblemKind NotFound { get; } = new("not-found", 404, "There is no such thing",
        "Nothing has this name, or it is not yours to see, or it is gone.");

    public static ProblemKind Method { get; } = new("method", 405, "The method is not allowed here",
        "The Allow header lists the methods that are.");

    public static ProblemKind NotAcceptable { get; } = new("not-acceptable", 406, "Answers are JSON",
        "The Accept header leaves out application/json and application/problem+json.");

    public static ProblemKind TooSlow { get; } = new("too-slow", 408, "The request came too slowly",
        "The connection is closed so that slow clients do not use it up.");

    public static ProblemKind BodyTooLarge { get; } = new("body-too-large", 413, "The body is too large",
        "A body may have 65,536 bytes, that of a batch 4,194,304.");

    public static ProblemKind UriTooLong { get; } = new("uri-too-long", 414, "The request line is too long",
        "The request line may have 8,192 bytes.");

    public static ProblemKind MediaType { get; } = new("media-type", 415, "The body must be application/json",
        "Send Content-Type: application/json; the character set is always UTF-8.");

    public static ProblemKind HeadersTooLarge { get; } = new("headers-too-large", 431, "The headers are too large",
        "A request may have 100 headers with 32,768 bytes in all.");

    // What cannot be done now: 409, 412, 429, 5xx

    public static ProblemKind IdempotencyInProgress { get; } = new("idempotency-in-progress", 409,
        "The same request is being decided", "Ask again with the same key after the time in Retry-After.");

    public static ProblemKind PlacementsUnlawful { get; } = new("placements-unlawful", 409,
        "What runs would become unlawful",
        "The policies are not in force. The errors list what would become unlawful and until when it might stay; "
        + "send their number as acceptUnlawful to put the policies in force all the same, or move them first.");

    public static ProblemKind Signature { get; } = new("signature", 403, "The policies are not approved",
        "This server puts policies in force only with a signature by a key that it knows. The detail names the keys. "
        + "Sign with 'cplane policy sign'.");

    public static ProblemKind ReservationExists { get; } = new("reservation-exists", 409,
        "The name stands for another reservation",
        "Give the reservation another name, or give the one that has it up first.");

    public static ProblemKind ReservationOverbooked { get; } = new("reservation-overbooked", 409,
        "The room is booked already",
        "At some instant of the windows there is less than is asked for beside what runs and what is reserved. The "
        + "detail names the instant and how much is short.");

    public static ProblemKind VersionConflict { get; } = new("version-conflict", 412, "The version is another one",
        "It was changed since it was read: the epoch of the placement, or the version of the policies in force. Read "
        + "it again and decide whether the change still makes sense.");

    public static ProblemKind RateLimited { get; } = new("rate-limited", 429, "The tenant asks too often",
        "Ask again after the time in Retry-After.");

    public static ProblemKind TooMuchAtOnce { get; } = new("too-much-at-once", 429,
        "Too many requests are under way",
        "Only so many requests of one tenant or of one site are worked on at a time. Ask again when one of them is "
        + "answered, or after the time in Retry-After.");

    public static ProblemKind Internal { get; } = new("internal", 500, "The server made a mistake",
        "This is a defect. Nothing may be concluded about the request; repeat it with the same Idempotency-Key. The "
        + "traceId leads to the log.");

    public static ProblemKind StoreUnavailable { get; } = new("store-unavailable", 503, "The database cannot be used",
        "Nothing was changed. Repeat the request with the same Idempotency-Key after the time in Retry-After.");

    public static ProblemKind OutcomeUnknown { get; } = new("outcome-unknown", 503,
        "Whether the request took effect is not known yet",
        "Repeat it with the same Idempotency-Key after the time in Retry-After: it takes effect once at most.");

    public static ProblemKind Busy { get; } = new("busy", 503, "There is too much to decide",
        "Nothing was changed. Repeat the request with the same Idempotency-Key after the time in Retry-After.");

    public static ProblemKind ShuttingDown { get; } = new("shutting-down", 503, "The server is stopping",
        "Nothing was changed. Repeat the request with the same Idempotency-Key; another server may answer it.");

    public static ProblemKind PolicyUnavailable { get; } = new("policy-unavailable", 503, "The law cannot be judged",
        "Without an answer from the policies nothing is placed. Nothing was changed.");

    internal static IEnumerable<ProblemKind> Others =>
    [
        BodyMissing, JsonSyntax, JsonDuplicate, JsonDepth, TextEncoding, UnknownField, IdempotencyKeyMissing,
        IdempotencyKeyFormat, IdFormat, PageToken, HeaderFormat, Framing, NotFound, Method, NotAcceptable, TooSlow,
        BodyTooLarge, UriTooLong, MediaType, HeadersTooLarge, IdempotencyInProgress, PlacementsUnlawful,
        ReservationExists, ReservationOverbooked, Signature,
        VersionConflict, RateLimited, TooMuchAtOnce, Internal, StoreUnavailable, OutcomeUnknown, Busy, ShuttingDown,
        PolicyUnavailable,
    ];
}
