using System.Collections.Immutable;
using System.Text.Json;
using Pulumi;

namespace ControlPlane.Sdk.Tests.Outputs;

public sealed class OutputAlgebraTests
{
    private const int Rounds = 400;
    private static readonly Resource[] Owners =
        [.. Enumerable.Range(0, 5).Select(n => new DependencyResource($"urn:{n}"))];

    [Fact]
    public async Task Whatever_is_done_with_outputs_they_stay_as_secret_and_as_dependent_as_their_parts()
    {
        var seed = Seed();
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var (output, expected) = Tree(random, depth: 4);

            var data = await output.DataTask;

            var actual = new Facts(data.IsKnown, data.IsSecret, data.Resources);
            Assert.True(expected.Same(actual), $"seed {seed}, round {round}: expected {expected}, got {actual}");
            Assert.True(
                data.IsKnown || data.Value is null or "", $"seed {seed}, round {round}: unknown, but {data.Value}");
        }
    }

    [Fact]
    public async Task Apply_never_runs_on_what_is_unknown()
    {
        var ran = false;

        var data = await Output<string>.Unknown().Apply(value => ran = true).DataTask;

        Assert.Equal((false, false), (ran, data.IsKnown));
    }

    [Fact]
    public async Task Elements_of_lists_and_maps_keep_their_own_secrets_when_sent()
    {
        InputList<string> list = new() { "open", Output.CreateSecret("hidden") };
        InputMap<string> map = new() { { "a", "open" }, { "b", Output.CreateSecret("hidden") } };
        var serializer = new Pulumi.Serialization.Serializer(new(KeepResources: true));

        var sentList = await serializer.SerializeAsync("list", list);
        var sentMap = await serializer.SerializeAsync("map", map);

        Assert.Equal("open", sentList!.ListValue.Values[0].StringValue);
        Assert.Equal("hidden", sentList.ListValue.Values[1].StructValue.Fields["value"].StringValue);
        Assert.Equal("open", sentMap!.StructValue.Fields["a"].StringValue);
        Assert.Equal("hidden", sentMap.StructValue.Fields["b"].StructValue.Fields["value"].StringValue);
    }

    [Fact]
    public void Text_of_an_output_is_advice_and_never_its_value() =>
        Assert.StartsWith(
            "Calling [ToString] on an [Output<T>] is not supported.", $"{Output.Create("x")}",
            StringComparison.Ordinal);

    [Fact]
    public async Task Json_of_nested_outputs_is_one_text_that_is_secret_when_a_part_is()
    {
        var value = Output.Create(new { open = Output.Create(1), hidden = (Input<string>)Output.CreateSecret("x") });

        var data = await Output.JsonSerialize(value).DataTask;

        Assert.Equal(("""{"open":1,"hidden":"x"}""", true, true), (data.Value, data.IsKnown, data.IsSecret));
    }

    private static int Seed() =>
        int.TryParse(Environment.GetEnvironmentVariable("SEED"), out var given) ? given : Environment.TickCount;

    private static (Output<string> Output, Facts Expected) Tree(Random random, int depth)
    {
        if (depth == 0 || random.Next(5) == 0)
            return Leaf(random);
        var (first, a) = Tree(random, depth - 1);
        var (second, b) = Tree(random, depth - 1);
        var (third, c) = Tree(random, depth - 1);
        return random.Next(11) switch
        {
            0 => (first.Apply(value => value + "!"), a),
            1 => (first.Apply(value => Task.FromResult(value)), a),
            2 => (first.Apply(_ => second), a.Then(b)),
            3 => (first.Apply(_ => (Input<string>)second), a.Then(b)),
            4 => (Output.All(first, second, third).Apply(all => string.Concat(all)), a.And(b).And(c)),
            5 => (Output.Tuple(first, second).Apply(both => both.Item1 + both.Item2), a.And(b)),
            6 => (
                Output.Tuple((Input<string>)first, (Input<string>)second, (Input<string>)third).Apply(all => all.Item3),
                a.And(b).And(c)),
            7 => (Output.Format($"{first}-{second:x}-{(Input<string>)third}"), a.And(b).And(c)),
            8 => (Output.JsonSerialize(Output.Create(new { first, second })), a.And(b)),
            9 => (Output.JsonDeserialize<string>(Output.JsonSerialize(first)), a),
            _ => random.Next(4) == 0
                ? (Output.Unsecret(first), a with { IsSecret = false })
                : (Output.CreateSecret(first), a with { IsSecret = true }),
        };
    }

    private static (Output<string>, Facts) Leaf(Random random)
    {
        var facts = new Facts(
            random.Next(5) != 0, random.Next(5) == 0,
            [.. Owners.Where(_ => random.Next(4) == 0)]);
        var data = new OutputData<string>(facts.Resources, facts.IsKnown ? "v" : null!, facts.IsKnown, facts.IsSecret);
        var task = random.Next(2) == 0 ? Task.FromResult(data) : LaterAsync(data);
        return (new Output<string>(task), facts);
    }

    private static async Task<OutputData<string>> LaterAsync(OutputData<string> data)
    {
        await Task.Yield();
        return data;
    }

    private sealed record Facts(bool IsKnown, bool IsSecret, ImmutableHashSet<Resource> Resources)
    {
        public Facts And(Facts other) => new(
            IsKnown && other.IsKnown, IsSecret || other.IsSecret, Resources.Union(other.Resources));

        /// <summary>What comes after something unknown is never reached.</summary>
        public Facts Then(Facts other) => IsKnown ? And(other) : this;

        public bool Same(Facts other) =>
            (IsKnown, IsSecret) == (other.IsKnown, other.IsSecret) && Resources.SetEquals(other.Resources);

        public override string ToString() => JsonSerializer.Serialize(new { IsKnown, IsSecret, Resources.Count });
    }
}
