using System.Globalization;
using ControlPlane.Capacity.Gravity;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Capacity;

/// <summary>Plans moves and copies of data over HTTP.</summary>
internal sealed class DataApi(StateTurns states, WaitingStore waiting)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapRead("/v1/reports/data", PlanAsync).Declared(DataOperations.Plan);

    private Task<IResult> PlanAsync(HttpRequest request, CancellationToken cancellation) => states.OnStateAsync(
        async (state, now) =>
        {
            var hours = Whole(request, "waiting_hours", CapacityOperations.UsualWaitingHours);
            var waits = await waiting.ReadAsync(now.AddHours(-hours), cancellation);
            return Results.Ok(DataWriter.Of(DataPlanner.Plan(state.World, state.Law, waits, (TermsOf(request), now))));
        },
        cancellation);

    private static DataTerms TermsOf(HttpRequest request)
    {
        var usual = DataTerms.Usual;
        return new DataTerms
        {
            LinkSharePercent = Whole(request, "link_share", usual.LinkSharePercent),
            SiteGigabitsPerSecond = Whole(request, "site_gigabits", usual.SiteGigabitsPerSecond),
            RunHours = Whole(request, "run_hours", usual.RunHours),
            CopyMonths = Whole(request, "months", usual.CopyMonths),
            Within = TimeSpan.FromHours(Whole(request, "within_hours", (int)usual.Within.TotalHours)),
        };
    }

    private static int Whole(HttpRequest request, string name, int usual) =>
        request.Query[name].FirstOrDefault() is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture) // checked at the edge
            : usual;
}
