namespace ControlPlane.Server.Database;

/// <summary>Says what became of a transaction; exactly one of its cases.</summary>
internal abstract record CommitAnswer;

/// <summary>Is durable and visible.</summary>
internal sealed record Committed : CommitAnswer;

/// <summary>Changed nothing, because another writer was first: catch up and decide again.</summary>
internal sealed record LostRace : CommitAnswer;

/// <summary>
/// May or may not be durable, now or later. Neither success nor failure may be reported; the idempotency key, looked up
/// after catching up with the ledger, tells.
/// </summary>
internal sealed record OutcomeUnknown(string Why) : CommitAnswer;

/// <summary>Changed nothing, because the database would not or could not: the same may succeed later.</summary>
internal sealed record CommitRefused(CommitRefusal Reason, string Why) : CommitAnswer;

/// <summary>Why the database changed nothing.</summary>
internal enum CommitRefusal
{
    /// <summary>It cannot be reached, is starting, stopping, or no longer the primary.</summary>
    Unavailable,

    DiskFull,

    /// <summary>Out of memory or connections, or a lock was not to be had in time.</summary>
    Overloaded,

    /// <summary>Nothing was sent, because the server itself is stopping.</summary>
    Stopping,
}
