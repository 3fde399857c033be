using System.Text;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Tests.Placements;

public sealed class RequestReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Case, body, and the one problem it must give: slug and pointer.</summary>
    public static TheoryData<string, string, string, string> OneProblem()
    {
        var data = new TheoryData<string, string, string, string>();
        foreach (var bad in BadBodies.All.Where(bad => bad.Bytes is null))
            data.Add(bad.Name, bad.Text, bad.Slug, bad.Pointer);
        return data;
    }

    [Theory]
    [MemberData(nameof(OneProblem))]
    public void Names_the_one_thing_that_is_wrong(string name, string body, string slug, string pointer)
    {
        var reading = Read(body);

        Assert.Equal([(slug, pointer)], reading.All.Select(Named));
        Assert.True(ProblemTable.Find(slug)!.Status is 400 or 422, name);
    }

    [Fact]
    public void Reads_every_member_into_canonical_form()
    {
        var reading = Read("""
            {
              "tenant": "klinik-nord", "workload": "triage-llm", "kind": "service", "dataClass": "health",
              "labels": {"b": "'; drop table placement; --", "a": "ग्राहक‍"},
              "residency": ["EU", "DE", "EU"], "excludeAccessLaws": ["US_CLOUD_ACT"],
              "regions": {"allow": ["fr-one", "de-one"], "deny": ["us-one"]},
              "units": 4,
              "accelerators": {"count": 8, "skus": ["h100"], "minMemoryGib": 79.50, "minBandwidthGigabytesPerSecond": 2e3,
                "minTeraflops": {"bf16": 1, "fp8": 2, "fp4": 3}},
              "fabric": "scaleUp", "cpuMilli": 64000, "memoryMib": 524288,
              "spread": {"over": "region", "minDomains": 2, "maxSkew": 0},
              "dataOrigin": "EU", "dataCopies": ["fr-one", "de-one"], "tenantHome": "DE", "confidential": true,
              "artefact": {"digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "signedBy": "ML team"},
              "isolation": "dedicatedNode", "homeRegion": "de-one", "priority": 100, "deadline": "2027-01-01T01:30:00+01:30", "explain": true
            }
            """);

        Assert.Empty(reading.All);
        var expected = new PlacementRequest
        {
            Tenant = new("klinik-nord"),
            Workload = "triage-llm",
            Kind = WorkloadKind.Service,
            DataClass = new("health"),
            Labels = [new("a", "ग्राहक‍"), new("b", "'; drop table placement; --")],
            Residency = [new("DE"), new("EU")],
            ExcludeAccessLaws = [new("US_CLOUD_ACT")],
            AllowRegions = [new("de-one"), new("fr-one")],
            DenyRegions = [new("us-one")],
            DataOrigin = new("EU"),
            DataCopies = [new("de-one"), new("fr-one")],
            TenantHome = new("DE"),
            Artefact = new($"sha256:{new string('a', 64)}", "ML team"),
            Isolation = IsolationLevel.DedicatedNode,
            Units = 4,
            Unit = new UnitNeed
            {
                Accelerators = 8,
                Skus = [new("h100")],
                MinMemoryGib = 79.5m,
                MinBandwidthGigabytesPerSecond = 2000,
                MinTeraflopsBf16 = 1,
                MinTeraflopsFp8 = 2,
                MinTeraflopsFp4 = 3,
                Fabric = FabricKind.ScaleUp,
                Confidential = true,
                CpuMilli = 64000,
                MemoryMib = 524288,
            },
            Spread = new SpreadNeed(SpreadDomain.Region, 2, 0),
            HomeRegion = new("de-one"),
            Priority = 100,
            Deadline = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero),
        };
        Assert.Equal([new Asked(expected, null, Explain: true)], reading.Asked);
        Assert.Equal(TimeSpan.Zero, reading.Asked[0].Request.Deadline!.Value.Offset);
    }

    [Fact]
    public void Bodies_that_mean_the_same_are_the_same_request_with_the_same_hash()
    {
        var one = Read(
            BadBodies.With("residency", """["DE","EU"]""").Replace("\"count\":1", "\"count\":1,\"minMemoryGib\":80"));
        var other = Read(BadBodies.With("residency", """["EU","DE","DE"]""")
            .Replace("\"count\":1", "\"minMemoryGib\":8.0e1 , \"count\": 1").Replace("}", " }\n"));

        Assert.Empty(one.All);
        Assert.Equal(one.Asked, other.Asked);
        Assert.Equal(
            ControlPlane.Ledger.RequestHash.Of(one.Asked[0].Request, null),
            ControlPlane.Ledger.RequestHash.Of(other.Asked[0].Request, null));
    }

    [Fact]
    public void Finds_all_problems_at_once_and_what_is_malformed_first()
    {
        var reading = Read("""
            {"tenant":"","workload":7,"kind":"servce","dataClass":null,"residency":[],"accelerators":{"count":0,"sku":[]},
             "cpuMilli":"8","deadline":"2020-01-01T00:00:00Z","homeRegion":"de-on"}
            """);

        Assert.Equal(
            [
                ("out-of-range", "/accelerators/count"),
                ("unknown-field", "/accelerators/sku"),
                ("field-type", "/cpuMilli"),
                ("field-null", "/dataClass"),
                ("time-past", "/deadline"),
                ("region-unknown", "/homeRegion"),
                ("value-unknown", "/kind"),
                ("field-required", "/memoryMib"),
                ("residency-empty", "/residency"),
                ("name-format", "/tenant"),
                ("field-type", "/workload"),
            ],
            reading.All.Select(Named).OrderBy(item => item.Pointer, StringComparer.Ordinal));
        Assert.Equal(400, new ProblemAnswer(reading.All).Status);
    }

    [Fact]
    public void What_only_the_day_has_against_a_request_leaves_the_request_readable()
    {
        var reading = Read(BadBodies.With("deadline", "\"2026-11-21T12:00:00Z\""));

        Assert.Single(reading.Asked);
        Assert.Empty(reading.Wrong);
        Assert.Equal("must be later than the time of the server, 2026-11-21T12:00:00Z", reading.OfTheDay[0].Message);
    }

    [Theory]
    [InlineData("residancy", """["DE"]""", "is not known; did you mean 'residency'?")]
    [InlineData("residency", """["UK"]""", "is no known jurisdiction: 'UK'; did you mean 'GB'?")]
    [InlineData("residency", """["de"]""", "is no known jurisdiction: 'de'; codes are upper case: 'DE'")]
    [InlineData("homeRegion", "\"dee-one\"", "is no known region: 'dee-one'; did you mean 'de-one'?")]
    [InlineData("homeRegion", "\"mars\"", "is no known region: 'mars'; known are de-one, fr-one, us-one")]
    [InlineData("accelerators", """{"count":1,"skus":["H1000"]}""", "is no known sku: 'H1000'; did you mean 'h100'?")]
    [InlineData("units", "1e30", "must be 1 to 4096, is 1e30")]
    [InlineData("units", "0", "must be 1 to 4096, is 0")]
    [InlineData(
        "tenant", "\"a\\u202eb\"", "must be 1 to 63 lower-case letters, digits and inner hyphens, is 'a\\u202Eb'")]
    public void Says_what_would_be_right(string member, string value, string message) =>
        Assert.Equal([message], Read(BadBodies.With(member, value)).All.Select(problem => problem.Message));

    [Fact]
    public void A_hold_needs_its_length_and_a_placement_has_none()
    {
        var without = RequestReader.Hold(Encoding.UTF8.GetBytes(BadBodies.Good), SmallFleet.Fleet, Now);
        var with = RequestReader.Hold(
            Encoding.UTF8.GetBytes(BadBodies.With("holdSeconds", "600")), SmallFleet.Fleet, Now);

        Assert.Equal([("field-required", "/holdSeconds")], without.All.Select(Named));
        Assert.Equal(TimeSpan.FromMinutes(10), with.Asked[0].Hold);
        Assert.Equal([("unknown-field", "/holdSeconds")],
            Read(BadBodies.With("holdSeconds", "600")).All.Select(Named));
    }

    [Theory]
    [InlineData("[]", "too-few", "/requests")]
    [InlineData("[1]", "field-type", "/requests/0")]
    [InlineData("null", "field-null", "/requests")]
    [InlineData("{}", "field-type", "/requests")]
    public void A_batch_needs_requests(string requests, string slug, string pointer)
    {
        var reading = RequestReader.Batch(
            Encoding.UTF8.GetBytes($$"""{"requests":{{requests}}}"""), SmallFleet.Fleet, Now);

        Assert.Equal([(slug, pointer)], reading.All.Select(Named));
    }

    [Fact]
    public void A_batch_has_at_most_a_thousand_requests_and_points_into_them()
    {
        string Batch(int count, string last) =>
            $$"""{"requests":[{{string.Join(",", Enumerable.Repeat(BadBodies.Good, count - 1).Append(last))}}]}""";
        RequestReading ReadBatch(string body) =>
            RequestReader.Batch(Encoding.UTF8.GetBytes(body), SmallFleet.Fleet, Now);

        Assert.Equal(1000, ReadBatch(Batch(1000, BadBodies.Good)).Asked.Count);
        Assert.Equal([("too-many", "/requests")], ReadBatch(Batch(1001, BadBodies.Good)).All.Select(Named));
        Assert.Equal([("out-of-range", "/requests/2/units")],
            ReadBatch(Batch(3, BadBodies.With("units", "0"))).All.Select(Named));
    }

    [Fact]
    public void Bytes_that_are_not_text_are_named_by_their_place()
    {
        foreach (var bad in BadBodies.All.Where(bad => bad.Bytes is not null))
        {
            var reading = RequestReader.Placement(bad.Bytes!, SmallFleet.Fleet, Now);

            Assert.Equal([(bad.Slug, bad.Pointer)], reading.All.Select(Named));
            Assert.Contains("byte", reading.All[0].Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Problems_are_bounded_however_many_there_are()
    {
        var body = $$"""{{{string.Join(",", Enumerable.Range(0, 4000).Select(index => $"\"x{index}\":1"))}}}""";

        Assert.Equal(Complaints.Most, Read(body).All.Count);
    }

    private static (string Slug, string Pointer) Named(Problem problem) => (problem.Slug, problem.Path);

    private static RequestReading Read(string body) =>
        RequestReader.Placement(Encoding.UTF8.GetBytes(body), SmallFleet.Fleet, Now);
}
