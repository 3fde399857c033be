using ControlPlane.Ledger;

namespace ControlPlane.Server.Ledger;

/// <summary>What stands at a place of the ledger: a record, or what is left of one whose content was let go.</summary>
internal readonly record struct LedgerEntry
{
    public LedgerEntry(LedgerRecord record) => Record = record;

    public LedgerEntry(RetiredRecord retired) => Retired = retired;

    public LedgerRecord? Record { get; }

    public RetiredRecord? Retired { get; }

    public long Position => Record?.Position ?? Retired!.Position; // one of the two is there
}
