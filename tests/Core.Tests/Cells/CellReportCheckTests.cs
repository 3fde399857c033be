using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Cells;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Cells;

public sealed class CellReportCheckTests
{
    private const string Canary = "zq7canary4klinik";

    private static readonly DateTimeOffset now = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);
    private static readonly CellSpec cell = new() { Cell = new("de"), Jurisdictions = [new("DE")] };

    private static CellReport Report()
    {
        var world = new World();
        Assert.Equal([], world.Declare(SmallCells.Of("de", "DE"), now));
        return CellNumbers.Of(world, cell.Cell, now);
    }

    private static Checked<CellReport> Read(byte[] bytes) => CellReportCheck.Read(bytes, cell, SmallFleet.Fleet);

    [Fact]
    public void The_report_of_an_empty_cell_is_these_bytes()
    {
        Assert.Equal(
            """
            {"form":1,"cell":"de","sites":[{"region":"de-one","site":"de-one-a","health":"healthy","open":true,
            "contractKilowatts":2000,"freeKilowatts":2000,"law":["ownControl"],
            "skus":[{"sku":"cpu","installed":2,"free":2,"largest":1},
            {"sku":"h100","installed":32,"free":32,"largest":8}]}]}
            """.ReplaceLineEndings(""),
            Encoding.UTF8.GetString(Report().Write()));
        Assert.Equal(Report(), Read(Report().Write()).Value);
    }

    [Fact]
    public void A_string_planted_in_any_place_that_holds_a_string_is_refused_and_not_repeated()
    {
        var places = PlacesOf(Report(), node => node.GetValueKind() == System.Text.Json.JsonValueKind.String);

        Assert.Equal(7, places.Count);
        foreach (var place in places)
        {
            foreach (var planted in new[] { Canary, $"de-one-a{Canary}", "", "de-one-b", "DE-ONE-A", "cpu\u0000" })
            {
                var read = Read(With(place, planted));

                Assert.False(read.IsValid, $"{place} = {planted}");
                Assert.DoesNotContain(Canary, string.Join('\n', read.Problems), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_number_that_is_a_text_or_out_of_bounds_is_refused_wherever_it_stands()
    {
        var places = PlacesOf(Report(), node => node.GetValueKind() == System.Text.Json.JsonValueKind.Number);

        Assert.Equal(9, places.Count);
        foreach (var place in places)
        {
            JsonNode?[] wrong =
            [
                Canary, "1", -1, 1.5, 1e30, long.MaxValue, CellReportCheck.MostCounted + 1, true, null, new JsonArray(),
            ];
            foreach (var value in wrong)
                Assert.False(Read(With(place, value?.DeepClone())).IsValid, $"{place} = {value}");
        }
    }

    [Fact]
    public void An_unknown_field_is_refused_in_any_object()
    {
        var root = JsonNode.Parse(Report().Write())!;
        var objects = Descend(root).Append(root).OfType<JsonObject>().Select(node => node.GetPath()).ToList();

        Assert.Equal(4, objects.Count);
        foreach (var path in objects)
        {
            var changed = JsonNode.Parse(Report().Write())!;
            var target = Descend(changed).Append(changed).OfType<JsonObject>().Single(node => node.GetPath() == path);
            target["note"] = Canary;

            Assert.False(Read(Bytes(changed)).IsValid, path);
        }
    }

    [Theory]
    [InlineData("\"form\":1", "\"form\": 1")]
    [InlineData("\"form\":1", "\"form\":1e0")]
    [InlineData("\"free\":32", "\"free\":032")]
    [InlineData("\"cell\":\"de\"", "\"cell\":\"\\u0064e\"")]
    [InlineData("\"healthy\"", "\"Healthy\"")]
    [InlineData("\"healthy\"", "\"healthy, lost\"")]
    [InlineData("\"ownControl\"", "\"ownControl\",\"ownControl\"")]
    [InlineData("{\"form\":1,\"cell\":\"de\"", "{\"cell\":\"de\",\"form\":1")]
    [InlineData("{\"form\":1", "{\"form\":1,\"form\":1")]
    [InlineData("]}]}", "]}]}\n")]
    [InlineData("]}]}", "]}]/*zq7canary4klinik*/}")]
    public void Whatever_says_the_same_in_other_bytes_is_refused(string from, string to)
    {
        var text = Encoding.UTF8.GetString(Report().Write());
        var changed = text.Replace(from, to, StringComparison.Ordinal);

        Assert.NotEqual(text, changed);
        Assert.False(Read(Encoding.UTF8.GetBytes(changed)).IsValid);
    }

    [Fact]
    public void A_cell_tells_of_no_site_of_another_and_of_none_twice()
    {
        var report = Report();
        var abroad = report.Sites[0] with { Region = new("fr-one"), Site = new("fr-one-a") };

        Assert.False(Read((report with { Sites = [report.Sites[0], abroad] }).Write()).IsValid);
        Assert.False(Read((report with { Sites = [report.Sites[0], report.Sites[0]] }).Write()).IsValid);
        Assert.False(Read((report with { Cell = new("fr") }).Write()).IsValid);
    }

    private static List<string> PlacesOf(CellReport report, Func<JsonNode, bool> isMeant) =>
        [.. Descend(JsonNode.Parse(report.Write())!).Where(isMeant).Select(node => node.GetPath())];

    private static byte[] With(string path, JsonNode? value)
    {
        var root = JsonNode.Parse(Report().Write())!;
        Descend(root).Single(node => node.GetPath() == path).ReplaceWith(value);
        return Bytes(root);
    }

    private static byte[] Bytes(JsonNode root) => Encoding.UTF8.GetBytes(root.ToJsonString());

    private static List<JsonNode> Descend(JsonNode node)
    {
        var children = node switch
        {
            JsonObject fields => fields.Select(field => field.Value!),
            JsonArray items => items.Select(item => item!),
            _ => [],
        };
        return [.. children.SelectMany(child => Descend(child).Prepend(child))];
    }
}
