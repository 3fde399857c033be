namespace ControlPlane.SiteAgent.Drivers.Simulated;

/// <summary>Keeps what a dead or cut off simulated site would say from getting out.</summary>
internal sealed class CutHandler(SimulatedCluster cluster, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ThrowWhenCut();
        var response = await base.SendAsync(request, cancellationToken);
        ThrowWhenCut();
        return response;
    }

    private void ThrowWhenCut()
    {
        if (cluster.Fault is SimulatedFault.Dead or SimulatedFault.Cut)
            throw new HttpRequestException("the simulated site is cut off");
    }
}
