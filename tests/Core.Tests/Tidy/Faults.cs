namespace ControlPlane.Core.Tests.Tidy;

/// <summary>Fails a test with everything that was found, one finding a line.</summary>
internal static class Faults
{
    public static void None(IEnumerable<string> found)
    {
        var all = found.Distinct(StringComparer.Ordinal).ToList();
        if (all.Count > 0) Assert.Fail($"{all.Count} found:\n{string.Join('\n', all)}");
    }
}
