using System.Globalization;
using ControlPlane.Capacity;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Capacity;

/// <summary>Shows what was in use at each hour over HTTP, and takes in what was measured elsewhere.</summary>
internal sealed class UsageApi(UsageStore usage, DecisionLoop loop)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/usage", ListAsync).Declared(UsageOperations.List);
        routes.MapPost("/v1/usage:import", ImportAsync).Declared(UsageOperations.Import);
    }

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (page, problem) = PageRequest.Of(request);
        if (problem is not null) return new ProblemAnswer([problem]);
        var (region, sku) = (request.Query["region"].FirstOrDefault(), request.Query["sku"].FirstOrDefault());
        var seen = request.Caller().RegionsSeen(loop.Fleet);
        // Who sees some regions only is not told which others there are.
        var unknown = Unknown(loop.Fleet, seen is null ? region : null, sku).ToSeq();
        if (unknown.Count > 0)
        {
            // What is declared no more is shown as long as it is kept.
            var isRegionKept = seen is not null || await usage.HasAsync((region, null, seen), cancellation);
            var isSkuKept = await usage.HasAsync((null, sku, seen), cancellation);
            unknown = Unknown(loop.Fleet, isRegionKept ? null : region, isSkuKept ? null : sku).ToSeq();
        }

        if (unknown.Count > 0) return new ProblemAnswer(unknown);
        var filter = (region, sku, seen);
        var found = await usage.ListAsync(filter, (page.After, page.Size + 1), cancellation);
        var (rows, next) = page.Cut(found, UsageStore.MarkOf);
        return Results.Ok(new UsagePage([.. rows.Select(AnswerOf)], next));
    }

    private async Task<IResult> ImportAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (fields, problem) = await RequestBody.ReadFieldsAsync(request, RequestLimits.BatchBodyBytes, cancellation);
        if (problem is not null) return problem;
        var wrong = fields!.Wrong; // there when there is no problem
        var list = fields.List("rows", required: true);
        fields.Finish();
        if (list?.Items.Count > UsageOperations.MostRows)
            wrong.Add(ProblemCatalog.TooMany.At(
                list.Pointer, $"has {list.Items.Count} entries; the limit is {UsageOperations.MostRows}"));
        var rows = wrong.Any || list is null
            ? []
            : list.Items.Select(item => RowOf(item, loop.Fleet, wrong)).OfType<UsageRow>().ToList();
        if (wrong.Any) return new ProblemAnswer(wrong.Problems);
        var regions = rows.Select(row => loop.Fleet.FindRegion(row.Region)!).Distinct(); // known, as was checked above
        var at = new FleetAt(loop.Fleet, DateTimeOffset.UtcNow);
        if (OperatorReach.Problem(request.Caller(), regions, at) is { } kept)
            return new ProblemAnswer([kept]);
        var taken = await usage.ImportAsync(rows, cancellation);
        return Results.Ok(new UsageImportAnswer(taken, rows.Count - taken));
    }

    /// <summary>What is asked for by name and is not there.</summary>
    internal static IEnumerable<Problem> Unknown(Fleet fleet, string? region, string? sku, params Seq<string> others)
    {
        if (region is not null && fleet.FindOwn(new(region)) is null)
            yield return ProblemCatalog.RegionUnknown.At("?region", $"there is no region '{Shown.Text(region)}'"
                + NearestName.Hint(region, fleet.Own.Select(known => known.Id.Value)));
        if (sku is not null && !others.Contains(sku) && fleet.FindSku(new(sku)) is null)
            yield return ProblemCatalog.AcceleratorUnknown.At("?sku", $"there is no model '{Shown.Text(sku)}'"
                + NearestName.Hint(sku, fleet.Skus.Select(known => known.Id.Value).Concat(others)));
    }

    private static UsageRow? RowOf(BodyNode item, Fleet fleet, Complaints wrong)
    {
        if (FieldReader.Of(item, wrong) is not { } fields) return null;
        var (hour, region, sku) = (
            fields.Text("hour", required: true), fields.Text("region", required: true), fields.Text("sku", false));
        var used = fields.Whole("usedMilli", required: true, 0, long.MaxValue / 2);
        fields.Finish();
        if (hour is null || region is null || used is not { } amount) return null;
        var isHour = DateTimeOffset.TryParse(
            hour.Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            && at.UtcTicks % TimeSpan.TicksPerHour == 0;
        if (!isHour)
            wrong.Add(ProblemCatalog.TimeFormat.At(hour.Pointer, $"must be a full hour, is '{Shown.Text(hour.Text)}'"));
        var isRegion = fleet.FindOwn(new(region.Text)) is not null;
        if (!isRegion)
            wrong.Add(ProblemCatalog.RegionUnknown.At(
                region.Pointer, $"there is no region '{Shown.Text(region.Text)}'"
                    + NearestName.Hint(region.Text, fleet.Own.Select(known => known.Id.Value))));
        var isSku = sku is null || fleet.FindSku(new(sku.Text)) is not null;
        if (!isSku)
            wrong.Add(ProblemCatalog.AcceleratorUnknown.At(
                sku!.Pointer, $"there is no model '{Shown.Text(sku.Text)}'" // not null, or it were known
                    + NearestName.Hint(sku.Text, fleet.Skus.Select(known => known.Id.Value))));
        return isHour && isRegion && isSku
            ? new UsageRow(new(region.Text), sku is null ? null : new SkuId(sku.Text), at.ToUniversalTime(), amount)
            : null;
    }

    private static UsageAnswer AnswerOf(UsageRow row) => new(
        row.Region.Value, row.Sku?.Value, row.Hour, row.StepHours,
        row.Sku is null ? null : row.UsedMilli / 1_000m, row.Sku is null ? row.UsedMilli / 1_000_000_000m : null);
}
