namespace ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

/// <summary>Lets a request take effect at the server and its answer get lost, when it is told to.</summary>
internal sealed class LossyHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private int losses;

    /// <summary>Which requests count.</summary>
    public Func<HttpRequestMessage, bool> Loses { get; init; } = request => request.Method != HttpMethod.Get;

    public void LoseNext() => Interlocked.Increment(ref losses);

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (!Loses(request) || Interlocked.Exchange(ref losses, 0) == 0) return response;
        response.Dispose();
        throw new HttpRequestException("the answer was lost on its way");
    }
}
