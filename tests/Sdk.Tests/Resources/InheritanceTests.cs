using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pulumi;
using Pulumi.Testing;

namespace ControlPlane.Sdk.Tests.Resources;

public sealed class InheritanceTests
{
    private static readonly string[] Packages = ["aws", "azure", "kubernetes"];

    [Fact]
    public async Task A_resource_takes_the_provider_given_to_it_or_the_nearest_one_above()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 40; round++)
        {
            var mocks = new Mocks();
            var expected = new Dictionary<string, string>();

            await Deployment.TestAsync(mocks, new TestOptions { IsPreview = false }, () =>
            {
                var providers = Packages.SelectMany(package => Enumerable.Range(0, 2).Select(n =>
                    new ProviderResource(package, $"{package}{n}", ResourceArgs.Empty))).ToList();
                new Grower(random, providers, expected).Grow(
                    parent: null, ImmutableDictionary<string, string>.Empty, depth: 0);
            });

            var actual = mocks.Seen.Where(args => expected.ContainsKey(args.Name!))
                .ToDictionary(args => args.Name!, args => ProviderName(args.Provider!));
            Assert.True(
                expected.OrderBy(entry => entry.Key).SequenceEqual(actual.OrderBy(entry => entry.Key)),
                $"seed {seed}, round {round}: {Differences(expected, actual)}");
        }
    }

    [Fact]
    public async Task Both_a_provider_and_providers_are_refused()
    {
        var error = await Assert.ThrowsAsync<RunException>(() =>
            Deployment.TestAsync(new Mocks(), new TestOptions(), () =>
            {
                var provider = new ProviderResource("aws", "p", ResourceArgs.Empty);
                _ = new ComponentResource(
                    "t:i:C", "c", new ComponentResourceOptions { Provider = provider, Providers = { provider } });
            }));

        Assert.Contains(
            "Do not supply both 'provider' and 'providers' options to a ComponentResource.", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Merged_options_take_single_values_from_the_second_and_lists_from_both()
    {
        var first =
            new CustomResourceOptions { Protect = true, Version = "1", IgnoreChanges = { "a" }, ImportId = "i" };
        var second = new CustomResourceOptions { Protect = false, IgnoreChanges = { "b" }, DeleteBeforeReplace = true };

        var merged = CustomResourceOptions.Merge(first, second);

        Assert.Equal(
            (false, "1", "a b", "i", true),
            (merged.Protect, merged.Version, string.Join(' ', merged.IgnoreChanges), merged.ImportId,
                merged.DeleteBeforeReplace));
        Assert.Equal(["a"], first.IgnoreChanges);
    }

    [Fact]
    public async Task Protection_and_transformations_come_down_from_the_parent()
    {
        var mocks = new Mocks();

        await Deployment.TestAsync(mocks, new TestOptions(), () =>
        {
            var parent = new ComponentResource("t:i:C", "c", new ComponentResourceOptions
            {
                ResourceTransformations =
                {
                    args => args.Resource.GetResourceName() != "child" ? null : new ResourceTransformationResult(
                        new DictionaryResourceArgs(ImmutableDictionary<string, object?>.Empty.Add("x", "changed")),
                        args.Options),
                },
            });
            _ = new CustomResource("aws:t:T", "child", null, new CustomResourceOptions { Parent = parent });
        });

        Assert.Equal("changed", mocks.Seen.Single(args => args.Name == "child").Inputs["x"]);
    }

    private static string ProviderName(string reference) =>
        reference.Length == 0 ? "" : reference.Split("::")[^2];

    private static string Differences(Dictionary<string, string> expected, Dictionary<string, string> actual) =>
        string.Join("; ", expected.Where(entry => actual.GetValueOrDefault(entry.Key) != entry.Value)
            .Select(entry => $"{entry.Key}: expected {entry.Value}, got {actual.GetValueOrDefault(entry.Key)}"));

    /// <summary>Grows a tree of components and resources, and says what each resource should be given.</summary>
    private sealed class Grower(Random random, List<ProviderResource> providers, Dictionary<string, string> expected)
    {
        private int count;

        public void Grow(Resource? parent, ImmutableDictionary<string, string> above, int depth)
        {
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                var name = $"n{count++}";
                if (depth < 4 && random.Next(2) == 0)
                {
                    var given = providers.Where(_ => random.Next(4) == 0)
                        .DistinctBy(provider => provider.Package)
                        .ToList();
                    var options = new ComponentResourceOptions { Parent = parent, Providers = given };
                    var below = above.SetItems(
                        given.Select(one => KeyValuePair.Create(one.Package, one.GetResourceName())));
                    Grow(new ComponentResource("t:i:C", name, options), below, depth + 1);
                    continue;
                }
                var package = Packages[random.Next(3)];
                var own = random.Next(3) == 0 ? providers.First(one => one.Package == package) : null;
                var custom = new CustomResource(
                    $"{package}:t:T", name, null, new CustomResourceOptions { Parent = parent, Provider = own });
                expected[name] = own?.GetResourceName() ?? above.GetValueOrDefault(package, "");
                if (random.Next(3) == 0 && depth < 4)
                    Grow(custom, own is null ? above : above.SetItem(package, own.GetResourceName()), depth + 1);
            }
        }
    }

    private sealed class Mocks : IMocks
    {
        public ConcurrentQueue<MockResourceArgs> Seen { get; } = new();

        public Task<(string? id, object state)> NewResourceAsync(MockResourceArgs args)
        {
            Seen.Enqueue(args);
            return Task.FromResult<(string?, object)>(($"{args.Name}-id", args.Inputs));
        }

        public Task<object> CallAsync(MockCallArgs args) => Task.FromResult<object>(args.Args);
    }
}
