using ControlPlane.Files;
using ControlPlane.Policies.Stacks;
using ControlPlane.Regions;

namespace ControlPlane.Pack;

/// <summary>Finds the region that a stack stands for: the one it is named after.</summary>
internal static class StackCase
{
    public static PlanCase Of(Fleet fleet, string stack, DateTimeOffset asOf)
    {
        // Some commands name a stack with its organisation and project before it.
        var name = stack[(stack.LastIndexOf('/') + 1)..];
        if (fleet.FindRegion(new RegionId(name)) is { } region) return new PlanCase(fleet, region, asOf);
        var hint = NearestName.Hint(name, [.. fleet.Regions.Select(item => item.Id.Value)]);
        throw Refusal.CannotJudge($"stack {name} is named after no declared region{hint}");
    }

    /// <summary>The stack's name inside a resource name such as <c>urn:pulumi:STACK::PROJECT::TYPE::NAME</c>.</summary>
    public static string StackOf(string urn)
    {
        const string prefix = "urn:pulumi:";
        if (!urn.StartsWith(prefix, StringComparison.Ordinal)) return "";
        var end = urn.IndexOf("::", StringComparison.Ordinal);
        return end < 0 ? "" : urn[prefix.Length..end];
    }
}
