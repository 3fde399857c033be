namespace ControlPlane.Workloads;

/// <summary>
/// Finds placements by the names that dependencies use: those that need a workload at once, and those that have a name
/// from when that is first asked for, because few ever are.
/// </summary>
internal sealed class DependencyIndex
{
    private readonly SortedSet<DecisionId> dependents = [];
    private readonly Dictionary<(TenantId Tenant, string Workload), SortedSet<DecisionId>> byTarget = [];
    private Dictionary<(TenantId Tenant, string Workload), DecisionId[]>? byName;

    public DependencyIndex()
    {
    }

    private DependencyIndex(DependencyIndex other)
    {
        dependents = new(other.dependents);
        byTarget = other.byTarget.ToDictionary(item => item.Key, item => new SortedSet<DecisionId>(item.Value));
    }

    /// <summary>Placements that need another one, ordered by id.</summary>
    public IReadOnlyCollection<DecisionId> Dependents => dependents;

    public DependencyIndex Copy() => new(this);

    /// <summary>Placements that need the workload, ordered by id.</summary>
    public IReadOnlyCollection<DecisionId> DependentsOf(TenantId tenant, string workload) =>
        byTarget.TryGetValue((tenant, workload), out var found) ? found : [];

    /// <summary>Placements of a workload, ordered by id.</summary>
    public IReadOnlyList<DecisionId> Named(TenantId tenant, string workload, IEnumerable<Placement> all)
    {
        if (byName is null)
        {
            byName = [];
            foreach (var placement in all) CountName(byName, placement.Id, placement.Request, 1);
        }

        return byName.TryGetValue((tenant, workload), out var found) ? found : [];
    }

    public void Count(DecisionId id, PlacementRequest request, int sign)
    {
        if (byName is not null) CountName(byName, id, request, sign);
        if (request.DependsOn.Count == 0) return;
        if (sign > 0) dependents.Add(id);
        else dependents.Remove(id);
        foreach (var dependency in request.DependsOn)
        {
            var key = (request.Tenant, dependency.Workload);
            if (!byTarget.TryGetValue(key, out var needing)) byTarget.Add(key, needing = []);
            if (sign > 0) needing.Add(id);
            else needing.Remove(id);
            if (needing.Count == 0) byTarget.Remove(key);
        }
    }

    private static void CountName(
        Dictionary<(TenantId Tenant, string Workload), DecisionId[]> names, DecisionId id, PlacementRequest request,
        int sign)
    {
        var key = (request.Tenant, request.Workload);
        var others = (names.GetValueOrDefault(key) ?? []).Where(other => other != id);
        DecisionId[] next = sign > 0 ? [.. others.Append(id).Order()] : [.. others];
        if (next.Length == 0) names.Remove(key);
        else names[key] = next;
    }
}
