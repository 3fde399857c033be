namespace ControlPlane.Simulation;

/// <summary>What can be broken on purpose, to see that the simulation notices.</summary>
internal enum Defect
{
    None,

    /// <summary>A site is recorded as lost although it was renewed since it was looked at.</summary>
    LossUnconditional,

    /// <summary>What was decided on an old position is appended at the newest one.</summary>
    NoCompareAndSwap,

    /// <summary>Agents never learn that their lease ends, and nothing guards it.</summary>
    NoFencing,

    /// <summary>Agents count the lease from the answer and not from the question.</summary>
    LeaseFromAnswer,

    /// <summary>The server waits for the lease alone: not for slow clocks, nor for the stop.</summary>
    NoGrace,

    /// <summary>Desired work of an earlier session is taken for the present one's.</summary>
    StaleSession,

    /// <summary>Any server answers what is desired, however far behind the session it is.</summary>
    StaleServer,

    /// <summary>A site that is lost is told to run what is to be started elsewhere.</summary>
    OrdersWhileLost,

    /// <summary>A stop counts as confirmed by a report from before it was asked for.</summary>
    StaleReport,

    /// <summary>Sites say that they are guarded and are not.</summary>
    FalseGuard,

    /// <summary>Moves lead anywhere, law or no law.</summary>
    Lawless,

    /// <summary>A move that should be undone is left as it is.</summary>
    NeverUndone,

    /// <summary>A start that got lost is taken for done.</summary>
    StartForgotten,

    /// <summary>Sites that do not stop work by themselves are trusted as if they did.</summary>
    UnguardedTrusted,

    /// <summary>That a new session guards is taken to hold for what the one before started.</summary>
    GuardTakenOnWord,

    /// <summary>The guard is put off with the first renewal of a session, before anybody looked.</summary>
    GuardAtOnce,

    /// <summary>What needs others near is left behind when those move, and is never brought to them.</summary>
    LeftBehind,

    /// <summary>What the law of the coming days denies is left where it is.</summary>
    NoRemedy,

    /// <summary>Sites are stated to be dead on mere silence.</summary>
    DeadIsAssumed,
}
