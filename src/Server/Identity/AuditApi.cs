using System.ComponentModel;
using System.Globalization;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Identity;

/// <summary>Gives signed heads of the ledger over HTTP, and proofs about what they cover.</summary>
internal sealed class AuditApi(AuditTree tree)
{
    private const string Tag = "Audit";
    private static readonly (long, long) positions = (0, long.MaxValue);

    private static readonly ApiOperation head = new("getSignedHead", Tag, "Sign the newest head of the ledger")
    {
        Needs = Permission.AuditRead,
        Description = "Keep heads where this server cannot reach them: one shows any later change of what it covers.",
        Answers = [new(StatusCodes.Status200OK, typeof(SignedHeadAnswer), "the head and its signature")],
        Problems = [ProblemCatalog.StoreUnavailable],
    };

    private static readonly ApiOperation prove = new("proveRecord", Tag, "Prove that a record is covered by a head")
    {
        Needs = Permission.AuditRead,
        Query =
        [
            new("position", "Position of the record; 1 when left out.") { Whole = (1, long.MaxValue), Default = 1 },
            new("size", "Records of the head; those there are when left out.") { Whole = positions },
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(ProofAnswer), "hashes that lead to the root (RFC 6962)")],
        Problems = [ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable],
    };

    private static readonly ApiOperation extend = new("proveGrowth", Tag, "Prove that a head only adds to an older one")
    {
        Needs = Permission.AuditRead,
        Query =
        [
            new("first", "Records of the older head; 0 when left out.") { Whole = positions, Default = 0 },
            new("size", "Records of the newer head; those there are when left out.") { Whole = positions },
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(ProofAnswer), "hashes that lead to both roots (RFC 6962)")],
        Problems = [ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable],
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/audit/head", HeadAsync).Declared(head);
        routes.MapRead("/v1/audit/proof", ProveAsync).Declared(prove);
        routes.MapRead("/v1/audit/consistency", ExtendAsync).Declared(extend);
    }

    private async Task<IResult> HeadAsync(CancellationToken cancellation)
    {
        var signed = await tree.HeadAsync(cancellation);
        return Results.Ok(new SignedHeadAnswer
        {
            Size = signed.Size,
            Root = Hex(signed.Root),
            Hash = Hex(signed.Hash),
            At = signed.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            KeyId = signed.KeyId,
            PublicKey = Convert.ToBase64String(signed.PublicKey.Span),
            Signature = Convert.ToBase64String(signed.Signature.Span),
        });
    }

    private Task<IResult> ProveAsync(HttpRequest request, CancellationToken cancellation) =>
        tree.WithTreeAsync(all =>
        {
            var (position, size) = (Number(request, "position") ?? 1, Number(request, "size") ?? all.Size);
            if (size > all.Size) return Beyond("?size", size, all.Size);
            return position < 1 || position > size
                ? Beyond("?position", position, size)
                : Proof(position, (size, all), all.Inclusion(position - 1, size));
        }, cancellation);

    private Task<IResult> ExtendAsync(HttpRequest request, CancellationToken cancellation) =>
        tree.WithTreeAsync(all =>
        {
            var (first, size) = (Number(request, "first") ?? 0, Number(request, "size") ?? all.Size);
            if (size > all.Size) return Beyond("?size", size, all.Size);
            return first > size ? Beyond("?first", first, size)
                : Proof(first, (size, all), all.Consistency(first, size));
        }, cancellation);

    // Checked at the edge to be a number.
    private static long? Number(HttpRequest request, string name) => request.Query[name] is [{ } text]
        ? long.Parse(text, CultureInfo.InvariantCulture)
        : null;

    private static ProblemAnswer Beyond(string pointer, long asked, long most) =>
        new ProblemAnswer([ProblemCatalog.OutOfRange.At(pointer, $"must be at most {most}, is {asked}")]);

    private static IResult Proof(long of, (long Size, MerkleTree Tree) within, Seq<Seq<byte>> path) =>
        Results.Ok(new ProofAnswer
        {
            Of = of,
            Size = within.Size,
            Root = Hex(within.Tree.RootAt(within.Size)),
            Path = [.. path.Select(Hex)],
        });

    private static string Hex(Seq<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}

/// <summary>Shows a signed head of the ledger.</summary>
internal sealed record SignedHeadAnswer
{
    [Description("Records that it covers.")]
    public required long Size { get; init; }

    [Description("Root of the tree over them (RFC 6962), in hexadecimal digits.")]
    public required string Root { get; init; }

    [Description("Hash of the last of them in the chain, in hexadecimal digits.")]
    public required string Hash { get; init; }

    public required string At { get; init; }
    public required string KeyId { get; init; }

    [Description("SubjectPublicKeyInfo in base64.")]
    public required string PublicKey { get; init; }

    [Description("ECDSA with P-256 and SHA-256: r and s in base64.")]
    public required string Signature { get; init; }
}

/// <summary>Shows a proof over the tree of the ledger.</summary>
internal sealed record ProofAnswer
{
    [Description("Position of the record, or size of the older head.")]
    public required long Of { get; init; }

    public required long Size { get; init; }
    public required string Root { get; init; }
    public required IReadOnlyList<string> Path { get; init; }
}
