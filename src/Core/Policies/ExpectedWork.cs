using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ControlPlane.Policies;

/// <summary>Tells one kind of unit that is expected, and how often it comes beside the others.</summary>
public sealed record ExpectedWork
{
    /// <summary>The most accelerators of a node that packing looks at.</summary>
    internal const int MostAccelerators = 64;

    [Description("How often it comes, against the weights of the others.")]
    [Range(1, 10_000)]
    public required int Weight { get; init; }

    [Description("Whole accelerators of a unit; none when left out.")]
    [Range(0, MostAccelerators)]
    public int Accelerators { get; init; }

    [Description("Thousandths of one accelerator that a unit shares, instead of whole ones; none when left out.")]
    [Range(0, 999)]
    public int ShareMilli { get; init; }

    [Description("CPU of a unit in thousandths of a core.")]
    [Range(0, 10_000_000)]
    public required int CpuMilli { get; init; }

    internal bool NeedsAccelerator => Accelerators > 0 || ShareMilli > 0;
}
