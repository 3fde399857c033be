using System.Globalization;
using ControlPlane.Regions;
using Xunit.Abstractions;

namespace ControlPlane.Core.Tests.Regions;

/// <summary>Compares the shipped catalogues row by row with the collected data, where that data is at hand.</summary>
public sealed class CatalogueDataTests(ITestOutputHelper output)
{
    private static readonly Fleet Fleet = RegionFiles.Parse(Checkout.Read("regions")).Value;

    [Fact]
    public void Accelerators_agree_with_the_data()
    {
        var rows = Rows("accelerators.csv").Where(row => row["memory_gb"].Length > 0).ToList();

        foreach (var row in rows)
        {
            var sku = Fleet.FindSku(new(row["accelerator_id"]))!;
            var expected = (row["vendor"], row["model"], Number(row["memory_gb"]), Number(row["memory_bw_gbps"]),
                Number(row["bf16_dense_tflops"]), Number(row["fp8_dense_tflops"]), Number(row["fp4_dense_tflops"]));
            var actual = (sku.Vendor, sku.Model, (decimal?)sku.MemoryGigabytes, sku.BandwidthGigabytesPerSecond,
                sku.Teraflops.Bf16, sku.Teraflops.Fp8, sku.Teraflops.Fp4);

            Assert.Equal(expected, actual);
            Assert.Equal(row["power_w"].Length == 0, sku.WattsAssumed);
            if (!sku.WattsAssumed) Assert.Equal(Number(row["power_w"]), sku.Watts);
        }
    }

    [Fact]
    public void Jurisdictions_agree_with_the_data()
    {
        var bases = Fleet.FindJurisdiction(new("EU"))?.TransferBases.ToDictionary(item => item.To.Value) ?? [];

        foreach (var row in Rows("jurisdictions.csv"))
        {
            var jurisdiction = Fleet.FindJurisdiction(new(row["country_iso2"]))!;

            Assert.Equal(row["country"], jurisdiction.Name);
            Assert.Equal(Parts(row["blocs"]), jurisdiction.MemberOf.Select(group => group.Value));
            Assert.Equal(Parts(row["law_codes"]), jurisdiction.Laws);
            Assert.Equal(Parts(row["assurance_schemes"]), jurisdiction.AssuranceSchemes);
            Assert.Equal(Parts(row["hq_government_access_codes"]).Count(), jurisdiction.AccessLaws.Count);
            Assert.Equal(BasisOf(row["gdpr_transfer_status"]), bases[row["country_iso2"]].Basis);
        }
    }

    [Fact]
    public void Provider_regions_agree_with_the_data()
    {
        var known = Fleet.Catalog.ProviderRegions.ToDictionary(region => $"{region.Provider}:{region.Code}");

        foreach (var row in Rows("cloud-regions.csv"))
        {
            var region = known[$"{row["provider"]}:{row["code"]}"];

            var expected = (row["country_iso2"], row["city"], row["partition"], Number(row["az_count"]));
            var actual = (region.Country.Value, region.City ?? "", region.Partition ?? "", (decimal?)region.Zones);
            Assert.Equal(expected, actual);
            // The seat of the last parent is the headquarters that the data names.
            Assert.Contains(row["provider_hq_country"], Seats(region.Operator));
        }
    }

    private static List<string> Seats(LegalEntityId id)
    {
        var seats = new List<string>();
        for (var next = Fleet.FindEntity(id); next is not null;)
        {
            seats.Add(next.Seat.Value);
            next = next.Parent is { } parent ? Fleet.FindEntity(parent) : null;
        }

        return seats;
    }

    private static TransferBasisKind BasisOf(string status) => status switch
    {
        "intra_eea" => TransferBasisKind.IntraGroup,
        "adequacy_full" => TransferBasisKind.Adequacy,
        "adequacy_partial" => TransferBasisKind.AdequacyPartial,
        _ => TransferBasisKind.ContractClauses,
    };

    private static decimal? Number(string text) =>
        text.Length == 0 ? null : decimal.Parse(text, CultureInfo.InvariantCulture);

    private static IEnumerable<string> Parts(string text) =>
        text.Split(';', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);

    private List<Dictionary<string, string>> Rows(string name)
    {
        var folder = Environment.GetEnvironmentVariable("CPLANE_DATA")
            ?? Path.Combine(Checkout.Root, "..", "shared", "data");
        var file = Path.Combine(folder, name);
        if (!File.Exists(file))
        {
            output.WriteLine($"NOT COMPARED: {file} is absent; set CPLANE_DATA to the folder that holds it");
            return [];
        }

        var lines = File.ReadAllLines(file).Select(Split).ToList();
        return lines.Skip(1)
            .Select(cells => lines[0].Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second))
            .ToList();
    }

    private static List<string> Split(string line)
    {
        var cells = new List<string> { "" };
        var quoted = false;
        foreach (var letter in line)
        {
            if (letter == '"') quoted = !quoted;
            else if (letter == ',' && !quoted) cells.Add("");
            else cells[^1] += letter;
        }

        return cells;
    }
}
