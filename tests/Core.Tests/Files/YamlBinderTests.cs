using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;

namespace ControlPlane.Core.Tests.Files;

public sealed class YamlBinderTests
{
    private const string Good = """
        schemaVersion: 1
        id: one
        title: 'NO'
        size: 7
        big: 8000000000
        share: 0.25
        degrees: -1.5
        ready: true
        day: 2026-01-31
        at: 2026-01-31T12:00:00+01:00
        colour: darkBlue
        tags: [a, 12, "true"]
        shapes:
          - kind: circle
            radius: 2
          - { kind: square, name: big, side: 3 }

        """;

    public enum Colour
    {
        Red,
        DarkBlue,
    }

    public sealed record Things
    {
        public required RegionId Id { get; init; }
        public required string Title { get; init; }

        [Range(1, 10)]
        public required int Size { get; init; }

        public long? Big { get; init; }
        public decimal Share { get; init; }
        public double? Degrees { get; init; }
        public bool Ready { get; init; }
        public DateOnly? Day { get; init; }
        public DateTimeOffset? At { get; init; }
        public Colour? Colour { get; init; }

        [MaxLength(3)]
        public Seq<string> Tags { get; init; }

        public Seq<Shape> Shapes { get; init; }
    }

    [FileCases("kind", typeof(Circle), typeof(Square))]
    public abstract record Shape
    {
        public string? Name { get; init; }
    }

    [FileCase("circle")]
    public sealed record Circle : Shape
    {
        public required int Radius { get; init; }
    }

    [FileCase("square")]
    public sealed record Square : Shape
    {
        public required int Side { get; init; }
    }

    [Fact]
    public void Binds_every_kind_of_value()
    {
        var bound = YamlBinder.Bind<Things>(new SourceFile("t.yaml", Good));

        var expected = new Things
        {
            Id = new("one"),
            Title = "NO",
            Size = 7,
            Big = 8_000_000_000,
            Share = 0.25m,
            Degrees = -1.5,
            Ready = true,
            Day = new DateOnly(2026, 1, 31),
            At = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.FromHours(1)),
            Colour = Colour.DarkBlue,
            Tags = ["a", "12", "true"],
            Shapes = [new Circle { Radius = 2 }, new Square { Name = "big", Side = 3 }],
        };
        Assert.Equal(expected, bound.Value);
    }

    [Theory]
    [InlineData("size: 7", "size: 11", "out-of-range 4:7 size is 11; must be 1 to 10")]
    [InlineData("size: 7", "size: 0x7", "field-type 4:7 size must be a whole number without quotes, is 0x7")]
    [InlineData("size: 7", "size: 99999999999999999999999999999999",
        "out-of-range 4:7 size is 99999999999999999999999999999999; must be 1 to 10")]
    [InlineData("share: 0.25", "share: .inf", "field-type 6:8 share must be a number without quotes, is .inf")]
    [InlineData("ready: true", "ready: yes", "field-type 8:8 ready must be true or false, is yes")]
    [InlineData("at: 2026-01-31T12:00:00+01:00", "at: 2026-01-31T12:00:00",
        "time-format 10:5 at must be a time with offset such as 2026-01-31T12:00:00Z, is 2026-01-31T12:00:00")]
    [InlineData("colour: darkBlue", "colour: darkblue",
        "value-unknown 11:9 colour is darkblue; must be one of red, darkBlue; did you mean 'darkBlue'?")]
    [InlineData("tags: [a, 12, \"true\"]", "tags: [a, b, c, d]", "too-many 12:7 tags has 4 items; the limit is 3")]
    [InlineData("tags: [a, 12, \"true\"]", "tags: [a, 012, 1]",
        "field-type 12:11 tags[1] is 012 without quotes, which YAML can read as a number or a date; write \"012\"")]
    [InlineData("- kind: circle", "- kind: circel",
        "value-unknown 14:11 shapes[0].kind is circel; must be one of circle, square; did you mean 'circle'?")]
    [InlineData("- kind: circle", "- name: circle",
        "field-required 14:5 shapes[0].kind is missing; must be one of circle, square")]
    [InlineData("    radius: 2", "    side: 2",
        "unknown-field 15:5 shapes[0].side is not a known field; known are name, radius, kind")]
    [InlineData("    radius: 2", "    radus: 2",
        "unknown-field 15:5 shapes[0].radus is not a known field; did you mean 'radius'?")]
    [InlineData("title: 'NO'", "title: NO",
        "field-type 3:8 title is NO without quotes, which YAML reads as a boolean; quote country codes and "
            + "words like it: \"NO\"")]
    [InlineData("title: 'NO'", "title:",
        "field-null 3:7 title must not be null or empty; leave the field out or give a value")]
    [InlineData("title: 'NO'", "title: { a: 1 }", "field-type 3:8 title must be a single value, is fields")]
    [InlineData("title: 'NO'", "[a]: 1\ntitle: x", "field-type 3:1  has a field whose name is not plain text")]
    [InlineData("id: one", "id: \"o\\0ne\"",
        "name-format 2:5 id is \"o\\u0000ne\"; needs 1 to 63 lower-case letters, digits and inner hyphens")]
    [InlineData("id: one", "id: ../x",
        "name-format 2:5 id is ../x; needs 1 to 63 lower-case letters, digits and inner hyphens")]
    [InlineData("schemaVersion: 1", "schemaVersion: 9",
        "schema-version 1:16 schemaVersion is 9; this program understands 1")]
    [InlineData("schemaVersion: 1", "schemaVersion: one",
        "field-type 1:16 schemaVersion must be a whole number without quotes, is one")]
    public void Tells_exactly_what_is_wrong(string old, string replacement, string expected)
    {
        var text = Good.Replace(old, replacement, StringComparison.Ordinal);

        var bound = YamlBinder.Bind<Things>(new SourceFile("t.yaml", text));

        Assert.Contains(expected, bound.Problems.Select(problem =>
            $"{problem.Slug} {problem.Line}:{problem.Column} {problem.Path} {problem.Message}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("- a\n- b\n")]
    [InlineData("just text\n")]
    [InlineData("a: 1\n---\nb: 2\n")]
    [InlineData("a: [1\n")]
    [InlineData("a: 1\n b: 2\n")]
    [InlineData("a: \"x\n")]
    [InlineData("a: 1\0\nb: 2\n")]
    [InlineData("a: \uD800\n")]
    public void Refuses_what_is_no_single_document_of_fields(string text)
    {
        var bound = YamlBinder.Bind<Things>(new SourceFile("t.yaml", text));

        Assert.NotEmpty(bound.Problems);
        Assert.All(bound.Problems, problem =>
            Assert.True(problem.Line >= 1 && problem.Column >= 1, problem.ToString()));
    }

    [Fact]
    public void Random_damage_never_throws()
    {
        var seed = Seed.Pick();
        var random = new Random(seed);
        const string letters = "{}[]:-\"'&*!|>#%@,? \n\t\0a1~é\u202E";
        var accepted = 0;
        for (var round = 0; round < 3_000; round++)
        {
            var text = Good.ToCharArray();
            var changes = random.Next(1, 4);
            for (var change = 0; change < changes; change++)
                text[random.Next(text.Length)] = letters[random.Next(letters.Length)];
            var file = new SourceFile("t.yaml", new string(text));

            var failure = Record.Exception(() => accepted += YamlBinder.Bind<Things>(file).IsValid ? 1 : 0);

            Assert.True(failure is null, $"seed {seed} round {round}: {failure}\n{file.Text}");
        }

        Assert.InRange(accepted, 1, 2_999);
    }

    [Fact]
    public void Positions_lead_to_values_and_else_to_the_nearest_parent()
    {
        var draft = YamlBinder.Draft<Things>(new SourceFile("t.yaml", Good));

        Assert.Equal(new FilePosition(15, 13), draft.Positions.Of("shapes[0].radius"));
        Assert.Equal(new FilePosition(14, 5), draft.Positions.Of("shapes[0].missing"));
        Assert.Equal(new FilePosition(1, 1), draft.Positions.Of("missing"));
        Assert.Equal(["shapes[0]", "shapes[1]"], draft.All<Shape>().Select(part => part.Path));
    }

    [Fact]
    public void The_schema_tells_the_cases_apart()
    {
        var schema = FileSchema.For<Things>();

        Assert.Contains("\"const\": \"circle\"", schema, StringComparison.Ordinal);
        Assert.Contains("\"oneOf\"", schema, StringComparison.Ordinal);
    }
}
