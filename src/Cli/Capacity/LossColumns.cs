using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Capacity;

/// <summary>Names the columns that tell where a displaced workload goes and whether its data is there.</summary>
internal static class LossColumns
{
    public static Column To { get; } = new("to", item => string.Join(
        ", ", item.Items("targets").Select(target => $"{target.Text("site")} x{target.Text("units")}")));

    public static Column Data { get; } = new("data", item => !item.Flag("hasLawfulData") ? "NO LAWFUL COPY"
        : item.Text("dataSeconds") is "" or "0" ? "ok" : $"{item.Text("dataSeconds")} s away");
}
