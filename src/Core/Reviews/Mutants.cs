using System.Globalization;
using System.Reflection;
using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Reviews;

/// <summary>One small change of a policy that some case should notice.</summary>
/// <param name="Name">What is changed, by the names of rules, so that it lasts when lines move.</param>
/// <param name="Path">Where in the policy's file.</param>
/// <param name="Policy">The policy as it would be.</param>
internal sealed record Mutant(string Name, string Path, Policy Policy);

/// <summary>
/// Makes every small change of a policy that still is a policy: each condition is dropped, turned round or moved by
/// one. It follows the shape by which files are read, so a new kind of rule needs nothing here.
/// </summary>
internal static class Mutants
{
    /// <summary>Fields that people read and that no decision rests on.</summary>
    private static readonly Seq<string> Prose =
        ["id", "rule", "because", "source", "owner", "note", "evidence", "link", "remedyDays"];

    public static IEnumerable<Mutant> Of(Policy policy, Fleet fleet) => All(policy)
        .Where(mutant => mutant.Policy != policy && IsSound(mutant.Policy, fleet))
        .DistinctBy(mutant => mutant.Name);

    private static IEnumerable<Mutant> All(Policy policy)
    {
        var other = policy.Enforcement == Enforcement.Mandatory ? Enforcement.Advisory : Enforcement.Mandatory;
        yield return new($"enforcement {FileShapes.NameOf(other.ToString())}", "enforcement",
            policy with { Enforcement = other });
        foreach (var day in new[] { -1, 1 })
        {
            if (policy.ValidFrom.AddDays(day) <= (policy.ValidTo ?? DateOnly.MaxValue))
                yield return new($"validFrom {Signed(day)} day", "validFrom",
                    policy with { ValidFrom = policy.ValidFrom.AddDays(day) });
            if (policy.ValidTo is { } last && last.AddDays(day) >= policy.ValidFrom)
                yield return new($"validTo {Signed(day)} day", "validTo", policy with { ValidTo = last.AddDays(day) });
        }

        var shapes = new FileShapes();
        foreach (var (name, _, value) in Variants(policy.Match, shapes.Of(typeof(PolicyMatch)), "match"))
            yield return new(name, "match", policy with { Match = (PolicyMatch)value });
        if (!policy.Match.Everything)
            yield return new("match everything", "match", policy with { Match = new() { Everything = true } });
        for (var index = 0; index < policy.Rules.Count; index++)
        {
            var (place, rule) = (index, policy.Rules[index]);
            if (policy.Rules.Count > 1)
                yield return new($"rules.{rule.Rule} removed", $"rules[{place}]",
                    policy with { Rules = Without(policy.Rules, place) });
            foreach (var (name, path, value) in Variants(rule, shapes.Of(rule.GetType()), ""))
            {
                yield return new(
                    $"rules.{rule.Rule}.{name}", $"rules[{place}].{path}",
                        policy with { Rules = With(policy.Rules, place, (PolicyRule)value) });
            }
        }
    }

    /// <summary>A policy that its own checks would refuse is no change that could be merged.</summary>
    private static bool IsSound(Policy policy, Fleet fleet) =>
        !policy.Match.IsBlank
        && (!policy.Match.Everything || policy.Match == new PolicyMatch { Everything = true })
        && policy.Rules.All(rule =>
            rule.Check(fleet, "").All(problem => problem.Slug.EndsWith("-unknown", StringComparison.Ordinal)));

    /// <summary>Every small change of a record, as a whole new record.</summary>
    private static IEnumerable<(string Name, string Path, object Value)> Variants(object record, FileShape shape,
        string at)
    {
        foreach (var field in shape.Fields.Where(field => !Prose.Contains(field.Name)))
        {
            var path = at.Length == 0 ? field.Name : $"{at}.{field.Name}";
            if (field.Property.GetValue(record) is not { } value) continue;
            foreach (var (name, deeper, changed) in Changes(value, field, path))
                yield return (name, deeper, Changed(record, field.Property, changed));
        }
    }

    private static IEnumerable<(string Name, string Path, object? Value)> Changes(object value, FileField field,
        string path)
    {
        var shape = field.Shape;
        if (shape.Form == FileForm.List) return ListChanges(value, shape, path);
        if (shape.Form is FileForm.Record or FileForm.Cases)
            return Variants(value, new FileShapes().Of(value.GetType()), path)
                .Select(item => (item.Name, item.Path, (object?)item.Value));
        // A value that was left out and one that says the same are one policy; only what is written is dropped.
        var dropped = field.Required || field.Property.PropertyType.IsValueType
            && Nullable.GetUnderlyingType(field.Property.PropertyType) is null
            ? []
            : new[] { ($"{path} left out", path, (object?)null) };
        return ScalarChanges(value, field).Select(item => ($"{path} {item.Name}", path, (object?)item.Value))
            .Concat(dropped);
    }

    private static IEnumerable<(string Name, object Value)> ScalarChanges(object value, FileField field)
    {
        switch (value)
        {
            case bool flag:
                yield return (flag ? "false" : "true", !flag);
                break;
            case int number:
                foreach (var step in Steps(number, field)) yield return (Signed(step), number + step);
                break;
            case long number:
                foreach (var step in Steps(number, field)) yield return (Signed(step), number + step);
                break;
            case decimal number:
                foreach (var step in Steps(number, field)) yield return (Signed(step), number + step);
                break;
            case double number:
                foreach (var step in Steps((decimal)number, field)) yield return (Signed(step), number + step);
                break;
            case DateOnly day:
                foreach (var step in new[] { -1, 1 }) yield return ($"{Signed(step)} day", day.AddDays(step));
                break;
            case Enum choice:
                foreach (var other in Neighbours(choice)) yield return (FileShapes.NameOf(other.ToString()), other);
                break;
            default:
                if (Other(value) is { } another) yield return ("other", another);
                break;
        }
    }

    private static IEnumerable<(string Name, string Path, object? Value)> ListChanges(object list, FileShape shape,
        string path)
    {
        var items = ((System.Collections.IEnumerable)list).Cast<object>().ToList();
        for (var index = 0; index < items.Count; index++)
        {
            var (place, item) = (index, items[index]);
            var deeper = $"{path}[{place}]";
            var isRecord = shape.Item!.Form is FileForm.Record or FileForm.Cases;
            var shown = isRecord ? $"[{place}]" : Shown(item);
            yield return ($"{path} -{shown}", deeper, ListOf(shape, items.Where((_, other) => other != place)));
            if (isRecord)
            {
                foreach (var (name, inner, value) in Variants(item, new FileShapes().Of(item.GetType()), deeper))
                    yield return (name, inner,
                        ListOf(shape, items.Select((old, other) => other == place ? value : old)));
            }
            else if (items.Count == 1 && (item is Enum choice ? Neighbours(choice).FirstOrDefault() : Other(item))
                is { } another)
            {
                // A list of one cannot always be empty; then the one is another.
                yield return ($"{path} {shown} other", deeper, ListOf(shape, [another]));
            }
        }
    }

    private static object Changed(object record, PropertyInfo property, object? value)
    {
        var copy = record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;
        property.SetValue(copy, value);
        return copy;
    }

    private static object ListOf(FileShape shape, IEnumerable<object> items)
    {
        var kept = items.ToList();
        var array = Array.CreateInstance(shape.Item!.Type, kept.Count);
        for (var index = 0; index < kept.Count; index++) array.SetValue(kept[index], index);
        return typeof(Seq).GetMethod(nameof(Seq.ToSeq))!.MakeGenericMethod(shape.Item.Type).Invoke(null, [array])!;
    }

    private static IEnumerable<int> Steps(decimal value, FileField field)
    {
        foreach (var step in new[] { -1, 1 })
        {
            if (field.Range is not { } range
                || (value + step >= FileLimits.Of(range.Minimum) && value + step <= FileLimits.Of(range.Maximum)))
                yield return step;
        }
    }

    private static IEnumerable<Enum> Neighbours(Enum choice)
    {
        var all = Enum.GetValues(choice.GetType()).Cast<Enum>().ToList();
        var at = all.IndexOf(choice);
        if (at > 0) yield return all[at - 1];
        if (at + 1 < all.Count) yield return all[at + 1];
    }

    /// <summary>A text or typed id that nothing has; null for anything else.</summary>
    private static object? Other(object value)
    {
        if (value is string text) return text + "-other";
        var makes = value.GetType().GetConstructor([typeof(string)]);
        return makes?.Invoke(
            [value.ToString() is { } id && id.Length > 0 && char.IsUpper(id[0]) ? "ZZ_OTHER" : "some-other"]);
    }

    private static string Shown(object item) => item is Enum choice ? FileShapes.NameOf(choice.ToString()) : $"{item}";

    private static string Signed(int step) => step.ToString("+0;-0", CultureInfo.InvariantCulture);

    private static Seq<PolicyRule> Without(Seq<PolicyRule> rules, int index) => rules
        .Where((_, place) => place != index).ToSeq();

    private static Seq<PolicyRule> With(Seq<PolicyRule> rules, int index, PolicyRule rule) =>
        rules.Select((old, place) => place == index ? rule : old).ToSeq();
}
