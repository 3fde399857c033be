using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Hosting;

/// <summary>
/// Lets only so much of one tenant, or of one site, be under way at a time, and turns away whoever asks too often
/// before anything of the request is read: being refused must cost the others next to nothing.
/// </summary>
internal sealed class TenantDoor(RequestDelegate next, TenantRates rates, TenantCrowds crowds)
{
    private static readonly TimeSpan again = TimeSpan.FromSeconds(1);

    public async Task InvokeAsync(HttpContext context)
    {
        // What is open to everybody is nobody's, and bounded by the connections that there may be.
        if (context.Features.Get<Caller>() is not { } caller)
        {
            await next(context);
            return;
        }

        if (IsRated(context) && caller.OnlyTenant is { } tenant && rates.WaitOf(tenant) is { } wait)
        {
            await TooOften(tenant, wait).ExecuteAsync(context);
            return;
        }

        var (name, most) = CrowdOf(caller);
        if (!crowds.TryEnter(name, most))
        {
            await new ProblemAnswer([ProblemCatalog.TooMuchAtOnce.At("", $"{most} requests are under way already")])
            {
                RetryAfter = again,
            }.ExecuteAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            crowds.Leave(name);
        }
    }

    /// <summary>What a tenant is told that asked for more decisions than it may.</summary>
    public static ProblemAnswer TooOften(string tenant, TimeSpan wait) =>
        new([ProblemCatalog.RateLimited.At("", $"tenant {tenant} asks too often")]) { RetryAfter = wait };

    private static bool IsRated(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<ApiOperation>() is { IsRated: true };

    /// <summary>Whose requests are counted together, and how many there may be.</summary>
    private (CrowdName Name, int Most) CrowdOf(Caller caller) => caller switch
    {
        { Site: { } site } => (new CrowdName('s', site.Value, ""), TenantCrowds.MostOfSite),
        { OnlyTenant: { } tenant } => (new CrowdName('t', tenant, ""), crowds.MostOfTenant),
        _ => (new CrowdName('c', caller.Subject, caller.Issuer), crowds.MostOfTenant),
    };
}
