namespace ControlPlane.Server.Hosting;

/// <summary>Numbers every kind of log line once; a number that was ever used is never given another meaning.</summary>
internal static class EventIds
{
    // 1000: the process
    public const int ServerReady = 1000;
    public const int ServerStopped = 1001;
    public const int StopAsked = 1002;

    // 1100: the private PostgreSQL
    public const int PostgresCreated = 1100;
    public const int PostgresStarted = 1101;
    public const int PostgresStopped = 1102;
    public const int LeftoverPostgresStopped = 1103;
    public const int PostgresGone = 1104;
    public const int PostgresRestartFailed = 1105;
    public const int PostgresFetched = 1106;

    // 1200: the database
    public const int MigrationApplied = 1200;
    public const int CommitOutcomeUnknown = 1201;

    // 1300: the ledger
    public const int StoreLost = 1300;
    public const int SnapshotFailed = 1301;
    public const int FilesDeclared = 1302;
    public const int FilesRefused = 1303;
    public const int LedgerBroken = 1304;
    public const int WriterSeen = 1305;
    public const int WriterSilent = 1306;
    public const int LeaseNotRenewed = 1307;
    public const int NotJudged = 1308;
    public const int TablesNotWritten = 1309;
    public const int RecordsRetired = 1310;
    public const int RecordsNotRetired = 1311;

    // 1600: sites
    public const int SitesNotJudged = 1600;

    // 1500: identities
    public const int KeysNotFetched = 1500;
    public const int HeadNotExported = 1501;

    // 1800: cells
    public const int DirectoryTold = 1800;
    public const int DirectoryNotTold = 1801;
    public const int ReportTaken = 1802;
    public const int ReportRefused = 1803;

    // 1700: capacity
    public const int UsageNotWritten = 1700;
    public const int DrillStale = 1701;
    public const int DrillNotLooked = 1702;
}
