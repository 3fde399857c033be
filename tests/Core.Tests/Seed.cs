namespace ControlPlane.Core.Tests;

/// <summary>Gives the seed of a random test: the one in TEST_SEED, to repeat a failure, else a new one.</summary>
internal static class Seed
{
    public static int Pick() =>
        int.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), out var given) ? given : Random.Shared.Next();
}
