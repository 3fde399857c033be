using System.Text.Json;
using ControlPlane.Ledger;
using ControlPlane.Server.Tests.Trace;

namespace ControlPlane.Server.Tests.Chaos;

/// <summary>Judges a server's ledger and tables against what clients were told.</summary>
internal static class LedgerAudit
{
    /// <summary>
    /// Folds every prefix of an export: the chain holds, no node has more on it than it has room for at any position,
    /// and no key was decided twice.
    /// </summary>
    public static void AssertSound(IReadOnlyList<string> export)
    {
        var sizes = SmallFleet.Fleet.Pools
            .SelectMany(
                pool => Enumerable.Range(0, pool.Nodes),
                (pool, ordinal) => (Node: new NodeId(pool.Id, ordinal), pool.Spec))
            .ToDictionary(item => item.Node, item => new LedgerFold.Size(
                item.Spec.CpuMilliPerNode, item.Spec.MemoryMibPerNode, item.Spec.AcceleratorsPerNode));
        var fold = new LedgerFold(sizes);

        var verified = LedgerExport.Verify(export, fold.Add);

        Assert.IsType<LedgerSound>(verified);
        Assert.Empty(fold.Overcommitted);
        Assert.Equal(
            fold.Decisions.Count,
            fold.Decisions.Select(decided => (decided.Request.Tenant, decided.IdempotencyKey)).Distinct().Count());
    }

    /// <summary>
    /// What the server lists is exactly what clients hold: nothing lost, nothing twice, nothing left over.
    /// </summary>
    public static Task AssertPlacementsAsync(HttpClient server, IEnumerable<TrafficClient> clients) =>
        AssertPlacementsAsync(server, clients.SelectMany(client => client.Live));

    /// <summary>The same for what was sent by others.</summary>
    public static async Task AssertPlacementsAsync(HttpClient server, IEnumerable<Sent> live)
    {
        var expected = live.Select(sent => (sent.Placement!.Value, sent.Workload)).ToList();

        var listed = await ListAsync(server);

        Assert.Equal(expected.Order(), listed.Order());
    }

    private static async Task<List<(Guid Id, string Workload)>> ListAsync(HttpClient server)
    {
        var placements = new List<(Guid, string)>();
        string? token = null;
        do
        {
            var page = await server.GetStringAsync(
                new Uri(
                    $"/v1/placements?page_size=500{(token is null ? "" : $"&page_token={token}")}", UriKind.Relative));
            using var document = JsonDocument.Parse(page);
            placements.AddRange(document.RootElement.GetProperty("placements").EnumerateArray().Select(row =>
                (row.GetProperty("id").GetGuid(), row.GetProperty("workload").GetString() ?? "")));
            token = document.RootElement.TryGetProperty("nextPageToken", out var next) ? next.GetString() : null;
        }
        while (token is not null);
        return placements;
    }
}
