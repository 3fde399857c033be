namespace ControlPlane.Policies.Stacks;

/// <summary>Finds values inside the properties of a resource.</summary>
internal static class PlanPaths
{
    /// <summary>
    /// Values at a path of field names with dots between them; <c>[]</c> after a name stands for every item of a list.
    /// A list that is missing or empty counts as missing once.
    /// </summary>
    public static IEnumerable<(string Path, PlanValue Value)> Find(PlanValue root, string path)
    {
        var found = new List<(string Path, PlanValue Value)> { ("", root) };
        foreach (var step in path.Split('.'))
        {
            var isList = step.EndsWith("[]", StringComparison.Ordinal);
            var field = isList ? step[..^2] : step;
            found = found.SelectMany(item => Step(item.Path, item.Value[field], field, isList)).ToList();
        }

        return found;
    }

    /// <summary>Every value with the path to it, the outermost first.</summary>
    public static IEnumerable<(string Path, string Field, PlanValue Value)> All(
        PlanValue root, string path = "", string field = "")
    {
        var bare = root.Bare;
        yield return (path, field, bare);
        if (bare is PlanMap map)
        {
            foreach (var item in map.Fields.SelectMany(item => All(item.Value, Under(path, item.Name), item.Name)))
                yield return item;
        }

        for (var index = 0; index < bare.Items.Count; index++)
        {
            foreach (var item in All(bare.Items[index], $"{path}[{index}]", field)) yield return item;
        }
    }

    private static IEnumerable<(string Path, PlanValue Value)> Step(
        string path, PlanValue value, string field, bool isList)
    {
        var below = Under(path, field);
        if (!isList || value.IsUnknown || value.Items.Count == 0) return [(below, value)];
        return value.Items.Select((item, index) => ($"{below}[{index}]", item));
    }

    private static string Under(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";
}
