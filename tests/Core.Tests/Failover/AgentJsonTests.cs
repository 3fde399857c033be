using System.Text.Json;
using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

public sealed class AgentJsonTests
{
    private const string Desired = """
        {"session":{"number":7,"nonce":"k3"},"revision":12,"full":true,"after":0,"orders":[{"placement":"00000000-0000-0000-0000-000000000001","epoch":{"timeline":1,"counter":2},"tenant":"klinik-nord","workload":"triage","kind":"gang","runClass":"exclusive","dataClass":"health","priority":5,"accelerators":8,"acceleratorShareMilli":0,"cpuMilli":64000,"memoryMib":1024,"labels":[{"key":"a","value":"b"}],"units":[{"ordinal":0,"cluster":"c","nodePool":"p","node":3,"sku":"h100","devices":[0,1]}]}],"removed":[]}
        """;

    [Fact]
    public void Desired_work_is_read_and_written_in_one_form()
    {
        var read = JsonSerializer.Deserialize<DesiredWork>(Desired, AgentJson.Options)!;
        var written = JsonSerializer.Serialize(read, AgentJson.Options);

        Assert.Equal(Desired, written);
        Assert.Equal(new Epoch(1, 2), read.Orders[0].Epoch);
    }

    [Theory]
    [InlineData("""{"session":{"number":7,"nonce":"k3"},"sentAtMilliseconds":1,"guarded":true,"more":1}""")]
    [InlineData("""{"session":{"number":7,"nonce":"k3"},"sentAtMilliseconds":1}""")]
    [InlineData("""{"session":{"number":7,"nonce":"k3"},"sentAtMilliseconds":"1","guarded":true}""")]
    [InlineData("""{"session":{"number":7,"nonce":"k3"},"guarded":true,"guarded":true,"sentAtMilliseconds":1}""")]
    public void What_is_not_of_the_form_is_refused(string text) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<RenewRequest>(text, AgentJson.Options));
}
