using ControlPlane.Server.Hosting;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>Reads which workloads a request has to be near; that they are there is seen when it is decided.</summary>
internal static class DependencyReader
{
    public static Seq<Dependency> Read(FieldReader fields, Complaints problems)
    {
        if (fields.List("dependsOn", required: false) is not { } list) return [];
        if (list.Items.Count > RequestLimits.MostDependencies)
        {
            problems.Add(ProblemCatalog.TooMany.At(
                list.Pointer, $"has {list.Items.Count} entries; the limit is {RequestLimits.MostDependencies}"));
            return [];
        }

        var read = new Dictionary<string, Dependency>(StringComparer.Ordinal);
        foreach (var item in list.Items)
        {
            if (item is not BodyObject body)
            {
                problems.Add(item is BodyNull
                    ? ProblemCatalog.FieldNull.At(item.Pointer, "must not be null")
                    : ProblemCatalog.FieldType.At(item.Pointer, $"must be an object, is {item.Form}"));
                continue;
            }

            var entry = new FieldReader(body, problems);
            var workload = entry.Name("workload");
            var within = entry.Choice("within", required: true, WireNames.DependencyScopes);
            entry.Finish();
            if (workload is null || within is not { } scope) continue;
            if (!read.TryAdd(workload, new Dependency(workload, scope)))
                entry.Complain(ProblemCatalog.FieldConflict, "workload", $"'{workload}' stands here twice");
        }

        // As they were written, so that a complaint points at the right one.
        return read.Values.ToSeq();
    }
}
