using System.Globalization;
using ControlPlane.Cells;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Cells;

/// <summary>Shows over HTTP which cell this is, what leaves it, and what is known of the others.</summary>
internal sealed class CellApi(LedgerHost ledger, CellLink link)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/cell", Show).Declared(CellOperations.Show);
        routes.MapRead("/v1/cells", List).Declared(CellOperations.List);
        routes.MapRead("/v1/cell/report", ReportAsync).Declared(CellOperations.Report);
        routes.MapPost("/v1/cell:push", PushAsync).Declared(CellOperations.Push);
    }

    private IResult Show(HttpRequest request)
    {
        var fleet = ledger.Loop.Fleet;
        if (CellFor(request.Caller(), fleet) is not { } cell) return NoCell();
        return Results.Ok(new CellAnswer
        {
            Cell = cell.Cell.Value,
            Jurisdictions = [.. cell.Jurisdictions.Select(id => id.Value)],
            Regions = [.. fleet.Own.Select(region => region.Id.Value)],
            Sites = fleet.Sites.Count,
            Position = ledger.Loop.Position,
            KeyId = link.Key.Id,
            PublicKey = Convert.ToBase64String(link.Key.PublicKey),
            Directory = link.Directory?.OriginalString,
            LastExchange = link.Last is { } last ? ExchangeAnswer.Of(last) : null,
        });
    }

    private IResult List(HttpRequest request)
    {
        var fleet = ledger.Loop.Fleet;
        if (fleet.Cell is null) return NoCell();
        var (caller, query) = (request.Caller(), request.Query);
        var known = link.Known();
        if (query.ContainsKey("sku") || query.ContainsKey("free") || query.ContainsKey("largest"))
        {
            known = known.With(new CellShape(
                query["sku"].FirstOrDefault() is { } sku ? new SkuId(sku) : null,
                Whole(query["free"].FirstOrDefault()), Whole(query["largest"].FirstOrDefault())));
        }

        // What a caller stays out of is as if it did not exist.
        return Results.Ok(new CellListAnswer(
        [
            .. known.Cells.Where(cell => cell.Jurisdictions.Any(id => caller.Reaches(fleet, id)))
                .Select(cell => Of(cell, site => fleet.FindRegion(site.Region) is { } region
                    && caller.Reaches(fleet, region.Spec.Jurisdiction))),
        ]));
    }

    private async Task<IResult> ReportAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (CellFor(request.Caller(), ledger.Loop.Fleet) is null) return NoCell();
        if (await link.MessageAsync(cancellation) is not { } message)
            return ProblemAnswer.Of(ProblemCatalog.StoreUnavailable, "the numbers cannot be had at the moment");
        var directory = link.Directory ?? new Uri("https://no-directory.invalid");
        return Results.Ok(new CellMessageAnswer(
            link.Directory?.OriginalString, message.ToText(directory, link.Key.Sign(message.Signed()))));
    }

    private async Task<IResult> PushAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (CellFor(request.Caller(), ledger.Loop.Fleet) is null) return NoCell();
        if (link.Directory is null)
            return ProblemAnswer.Of(ProblemCatalog.NoDirectory, "the server was started without --directory");
        var exchange = await link.ExchangeAsync(cancellation);
        return exchange.Problem is null
            ? Results.Ok(ExchangeAnswer.Of(exchange))
            : new ProblemAnswer([ProblemCatalog.DirectoryUnavailable.At("", exchange.Problem)])
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
    }

    /// <summary>The cell, for a caller who reaches anything of it.</summary>
    private static CellSpec? CellFor(Caller caller, Fleet fleet) =>
        fleet.Cell is { } cell && fleet.Own.Any(region => caller.Reaches(fleet, region.Spec.Jurisdiction))
            ? cell
            : null;

    private static ListedCellAnswer Of(ListedCell cell, Func<CellSite, bool> isSeen) => new()
    {
        Cell = cell.Cell.Value,
        Jurisdictions = [.. cell.Jurisdictions.Select(id => id.Value)],
        Url = cell.Url.OriginalString,
        AgeSeconds = cell.AgeSeconds,
        Sites = [.. (cell.Report?.Sites ?? []).Where(isSeen).Select(Of)],
    };

    private static CellSiteAnswer Of(CellSite site) => new()
    {
        Region = site.Region.Value,
        Site = site.Site.Value,
        Health = Names.Of(site.Health),
        Open = site.Open,
        ContractKilowatts = site.ContractKilowatts,
        FreeKilowatts = site.FreeKilowatts,
        Law = [.. site.Law.Select(flag => Names.Of(flag))],
        Skus = [.. site.Skus.Select(sku => new CellSkuAnswer(sku.Sku.Value, sku.Installed, sku.Free, sku.Largest))],
    };

    private static long Whole(string? text) =>
        text is null ? 0 : long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture); // checked at the edge

    private static ProblemAnswer NoCell() => AnswerResults.Missing("this server was told no cell: it decides for all");
}
