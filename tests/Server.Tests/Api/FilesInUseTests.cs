using ControlPlane.Server.Hosting;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Tests.Placements;

namespace ControlPlane.Server.Tests.Api;

/// <summary>Declared files that would take away what placements use.</summary>
public sealed class FilesInUseTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task R82_a_region_in_use_is_not_removed_until_nothing_uses_it()
    {
        var placed = await server.PostAsync("/v1/placements", BadBodies.With("regions", """{"allow":["de-one"]}"""));
        var without = SmallFleet.Files().Where(file => file.Path != "regions/de-one.yaml").ToSeq();
        var head = await server.HeadAsync();

        var refused = await server.SubmitAsync(new DeclareFleet(without));
        var unchanged = await server.HeadAsync();
        var shown = await server.GetAsync("/v1/regions/de-one");
        await server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"/v1/placements/{placed.Json["id"]}"));
        var removed = await server.SubmitAsync(new DeclareFleet(without));
        var gone = await server.GetAsync("/v1/regions/de-one");

        var problem = Assert.Single(Assert.IsType<DeclarationRefused>(refused).Problems);
        Assert.Equal(("in-use", "nodePools.de-one-a-h100"), (problem.Slug, problem.Path));
        Assert.StartsWith("1 placement(s) use ", problem.Message, StringComparison.Ordinal);
        Assert.Equal((409, head, 200), (ProblemTable.Of(problem).Status, unchanged, shown.Status));
        Assert.Equal(new Declared(Changed: true), removed);
        Assert.Equal("404 not-found", gone.Problem());
    }
}
