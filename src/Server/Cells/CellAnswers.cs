using System.ComponentModel;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Cells;

/// <summary>Tells which cell a server is and what it holds.</summary>
internal sealed record CellAnswer
{
    public required string Cell { get; init; }

    public required IReadOnlyList<string> Jurisdictions { get; init; }

    [Description("Regions that the cell decides for.")]
    public required IReadOnlyList<string> Regions { get; init; }

    [Description("Sites that the cell decides for.")]
    public required int Sites { get; init; }

    [Description("Newest record of its ledger.")]
    public required long Position { get; init; }

    [Description("Names the key that the directory knows this server by.")]
    public required string KeyId { get; init; }

    [Description("Its public half, for the directory's file: SubjectPublicKeyInfo in base64.")]
    public required string PublicKey { get; init; }

    [Description("Directory that is told the numbers; absent when there is none.")]
    public string? Directory { get; init; }

    [Description("The last exchange with it; absent before the first.")]
    public ExchangeAnswer? LastExchange { get; init; }
}

/// <summary>Tells what an exchange with the directory came to.</summary>
internal sealed record ExchangeAnswer
{
    public required DateTimeOffset At { get; init; }

    [AllowedText("told", "failed")]
    public required string Outcome { get; init; }

    [Description("Why it failed.")]
    public string? Detail { get; init; }

    [Description("Bytes of numbers that left.")]
    public required int Bytes { get; init; }

    public static ExchangeAnswer Of(Exchange exchange) => new()
    {
        At = exchange.At,
        Outcome = exchange.Problem is null ? "told" : "failed",
        Detail = exchange.Problem,
        Bytes = exchange.Bytes,
    };
}

/// <summary>Shows exactly what would leave the cell.</summary>
/// <param name="Directory">Where it would go; absent when there is no directory.</param>
/// <param name="Text">The message as it goes over the wire, before TLS; moment and signature are new each time.</param>
internal sealed record CellMessageAnswer(string? Directory, string Text);

/// <summary>Lists the cells of the directory, as this server last heard.</summary>
internal sealed record CellListAnswer(IReadOnlyList<ListedCellAnswer> Cells);

/// <summary>Tells what the directory knows of one cell.</summary>
internal sealed record ListedCellAnswer
{
    public required string Cell { get; init; }

    public required IReadOnlyList<string> Jurisdictions { get; init; }

    public required string Url { get; init; }

    [Description("How old the numbers are; absent when there are none.")]
    public long? AgeSeconds { get; init; }

    public required IReadOnlyList<CellSiteAnswer> Sites { get; init; }
}

/// <summary>Tells the numbers of one site.</summary>
internal sealed record CellSiteAnswer
{
    public required string Region { get; init; }
    public required string Site { get; init; }

    [AllowedText("healthy", "suspect", "lost", "recovering")]
    public required string Health { get; init; }

    public required bool Open { get; init; }
    public required long ContractKilowatts { get; init; }
    public required long FreeKilowatts { get; init; }

    [Description("Facts of law: ownControl, outsideKeys, residentStaff.")]
    public required IReadOnlyList<string> Law { get; init; }

    public required IReadOnlyList<CellSkuAnswer> Skus { get; init; }
}

/// <summary>Counts one model at a site; cpu stands for nodes without accelerators.</summary>
internal sealed record CellSkuAnswer(string Sku, long Installed, long Free, long Largest);
