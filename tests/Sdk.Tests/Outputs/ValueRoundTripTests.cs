using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Pulumi;
using Pulumi.Serialization;

namespace ControlPlane.Sdk.Tests.Outputs;

public sealed class ValueRoundTripTests
{
    [Fact]
    public async Task What_is_sent_comes_back_as_it_was()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var sample = Sample(random, depth: 4);

            var sent = await new Serializer(new Wording(KeepResources: true)).SerializeAsync("x", sample.Given);
            var data = Deserializer.Deserialize(
                Value.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(sent!)));

            var where = $"seed {seed}, round {round}";
            Assert.True((sample.IsKnown, sample.IsSecret) == (data.IsKnown, data.IsSecret), where);
            if (sample.IsKnown)
                Assert.True(
                    Text(sample.Plain) == Text(data.Value), $"{where}: {Text(sample.Plain)} <> {Text(data.Value)}");
        }
    }

    [Fact]
    public async Task Nothing_is_left_out_of_maps_and_kept_in_lists()
    {
        var serializer = new Serializer(new Wording(KeepResources: true));

        var sent = await serializer.SerializeAsync("x", new Dictionary<string, object?>
        {
            ["none"] = null,
            ["list"] = new object?[] { null, 1 },
            ["default"] = default(ImmutableArray<string>),
        });

        Assert.Equal("""{ "default": [ ], "list": [ null, 1 ] }""", sent!.ToString());
    }

    [Fact]
    public void What_providers_keep_for_themselves_is_not_read()
    {
        var value = Value.Parser.ParseJson("""{ "a": 1, "__defaults": [], "b": { "__x": 1 } }""");

        var data = Deserializer.Deserialize(value);

        Assert.Equal("{a:1,b:{}}", Text(data.Value));
    }

    [Theory]
    [InlineData("""{ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" }""",
        "Secrets must have a field called 'value'")]
    [InlineData("""{ "4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e" }""",
        "Value was marked as a Resource, but did not conform to required shape.")]
    [InlineData("""{ "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17" }""",
        "Value was marked as Asset, but did not conform to required shape.")]
    public void A_marked_value_without_its_parts_is_refused(string json, string message)
    {
        var error = Assert.Throws<InvalidOperationException>(() =>
            Deserializer.Deserialize(Value.Parser.ParseJson(json)));

        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void What_does_not_fit_the_declared_type_is_told_and_comes_out_as_nothing()
    {
        var problems = new List<string>();

        var data = new Converter(problems.Add).Convert<int?>("size", Value.ForString("many"));

        Assert.Null(data.Value);
        Assert.Equal(["Expected System.Double but got System.String deserializing size"], problems);
    }

    [Fact]
    public async Task Output_values_tell_what_they_depend_on_to_those_who_keep_them()
    {
        var owner = new DependencyResource("urn:a");
        var output = new Output<string>(
            Task.FromResult(new OutputData<string>([owner], "x", IsKnown: true, IsSecret: true)));

        var sent = await new Serializer(
            new Wording(KeepResources: true, KeepOutputs: true)).SerializeAsync("x", output);
        var data = Deserializer.Deserialize(sent!);

        Assert.Equal(("x", true, true), (data.Value, data.IsKnown, data.IsSecret));
        Assert.Equal("urn:a", (await Assert.Single(data.Resources).Urn.DataTask).Value);
    }

    private static Case Sample(Random random, int depth)
    {
        if (random.Next(8) == 0)
        {
            var inner = Sample(random, Math.Max(0, depth - 1));
            return inner with { Given = Output.CreateSecret(Output.Create(inner.Given)), IsSecret = true };
        }
        if (depth > 0 && random.Next(3) == 0)
        {
            var items = Enumerable.Range(0, random.Next(4)).Select(_ => Sample(random, depth - 1)).ToList();
            return Joined(
                items, items.Select(item => item.Given).ToArray(), items.Select(item => item.Plain).ToImmutableArray());
        }
        if (depth > 0 && random.Next(3) == 0)
        {
            var items = Enumerable.Range(0, random.Next(4)).ToDictionary(n => $"k{n}", _ => Sample(random, depth - 1));
            return Joined(
                items.Values, items.ToDictionary(item => item.Key, item => item.Value.Given),
                items.ToImmutableDictionary(item => item.Key, item => item.Value.Plain));
        }
        return random.Next(6) switch
        {
            0 => new(random.Next(2) == 0, IsKnown: true, IsSecret: false),
            1 => new(random.Next(), IsKnown: true, IsSecret: false),
            2 => new(random.NextDouble() * 1e9, IsKnown: true, IsSecret: false),
            3 => new(Output<string>.Unknown(), IsKnown: false, IsSecret: false),
            _ => new($"text é {random.Next()}", IsKnown: true, IsSecret: false),
        };
    }

    private static Case Joined(IReadOnlyCollection<Case> items, object given, object plain) =>
        new(given, items.All(item => item.IsKnown), items.Any(item => item.IsSecret)) { Plain = plain };

    private static string Text(object? value) => value switch
    {
        null => "null",
        int number => Text((double)number),
        double number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        ImmutableArray<object?> list => $"[{string.Join(",", list.Select(Text))}]",
        ImmutableDictionary<string, object?> map =>
            "{"
                + string.Join(",", map.OrderBy(entry => entry.Key).Select(entry => $"{entry.Key}:{Text(entry.Value)}"))
                + "}",
        _ => $"{value}",
    };

    private sealed record Case(object Given, bool IsKnown, bool IsSecret)
    {
        public object? Plain { get; init; } = Given;
    }
}
