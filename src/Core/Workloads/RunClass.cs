namespace ControlPlane.Workloads;

/// <summary>What becomes of a workload whose site is cut off.</summary>
public enum RunClass
{
    /// <summary>At most one copy ever runs: the site stops it when its lease ends; then it may move.</summary>
    Exclusive,

    /// <summary>
    /// It runs on while its site is cut off, and is never moved without a confirmed stop or an operator's statement
    /// that the site is dead.
    /// </summary>
    Sticky,
}
