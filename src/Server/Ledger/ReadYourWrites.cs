using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Holds questions that tables answer until the tables have what the ledger had when they came in. Whoever was told of
/// a decision finds it, whichever server is asked.
/// </summary>
internal sealed class ReadYourWrites(RequestDelegate next, ProjectedTables tables)
{
    private const string Api = "/v1/";

    // What is read from the ledger itself or from declared files.
    private static readonly string[] FromElsewhere = ["/v1/ledger", "/v1/policies", "/v1/reports"];

    // What the decision loop answers without a look at tables.
    private static readonly string[] Decided =
        ["/v1/placements", "/v1/placements:batch", "/v1/placements:plan", "/v1/holds"];

    public async Task InvokeAsync(HttpContext context)
    {
        if (AsksTables(context.Request))
        {
            try
            {
                await tables.WaitAsync(context.RequestAborted);
            }
            catch (TablesBehindException behind)
            {
                await new ProblemAnswer([ProblemCatalog.Busy.At("", behind.Message)])
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                }.ExecuteAsync(context);
                return;
            }
        }

        await next(context);
    }

    private static bool AsksTables(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        if (HttpMethods.IsPost(request.Method) && Decided.AsSpan().Contains(path)) return false;
        return path.StartsWith(Api, StringComparison.Ordinal)
            && !Array.Exists(FromElsewhere, prefix => path.StartsWith(prefix, StringComparison.Ordinal));
    }
}
