using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Holds questions that tables answer until the tables have what the ledger had when they came in. Whoever was told of
/// a decision finds it, whichever server is asked.
/// </summary>
internal sealed class ReadYourWrites(RequestDelegate next, ProjectedTables tables)
{
    // What is answered from tables. Everything else never waits for them, least of all what sites report.
    private static readonly string[] FromTables =
        ["/v1/placements", "/v1/holds", "/v1/decisions", "/v1/node-pools"];

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
        return Array.Exists(FromTables, prefix => path.StartsWith(prefix, StringComparison.Ordinal));
    }
}
