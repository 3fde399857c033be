namespace ControlPlane.Stacks.Tests.Pack;

public sealed class OfficialClientTests
{
    [NodeFact]
    public async Task The_official_policy_client_understands_every_answer()
    {
        using var pack = await PackProcess.StartAsync(Path.GetTempPath());

        var told = await NodePackages.RunAsync("policy-client.js", pack.Address, Checkout.Root);

        Golden.Check("tests/Stacks.Tests/golden/policy-client.json", told);
        Assert.Equal(0, await pack.EndAsync());
    }
}
