using System.Reflection;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Reviews;

namespace ControlPlane.Core.Tests.Reviews;

public sealed class ReasonMeaningsTests
{
    [Fact]
    public void Every_reason_code_has_a_meaning()
    {
        var codes = CodesOf(typeof(ReasonCode)).Concat(CodesOf(typeof(RefusalReason)));

        Assert.Equal([], codes.Where(code => !ReasonMeanings.All.ContainsKey(code)));
    }

    private static IEnumerable<string> CodesOf(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field.IsLiteral)
        .Select(field => (string)field.GetRawConstantValue()!);
}
