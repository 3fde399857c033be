
namespace ControlPlane.Server.Hosting;

/// <summary>
/// Holds every line that the server logs. They stand in one class, because what is generated for several comes in
/// another order from build to build, and a build is to give the same bytes everywhere.
/// </summary>
internal static partial class LogLines
{
    [LoggerMessage(EventIds.PostgresCreated, LogLevel.Information, "PostgreSQL {Major} data made in {Directory}")]
    public static partial void LogCreated(ILogger log, int major, string directory);

    [LoggerMessage(EventIds.PostgresStarted, LogLevel.Information,
        "PostgreSQL {Major} started as process {Process}, socket in {SocketDirectory}")]
    public static partial void LogStarted(ILogger log, int major, int process, string socketDirectory);

    [LoggerMessage(EventIds.PostgresStopped, LogLevel.Information, "PostgreSQL stopped")]
    public static partial void LogStopped(ILogger log);

    [LoggerMessage(EventIds.LeftoverPostgresStopped, LogLevel.Warning,
        "PostgreSQL process {Process}, left by a server that was killed, was stopped ({Mode})")]
    public static partial void LogLeftoverStopped(ILogger log, string process, string mode);

    [LoggerMessage(
        EventIds.PostgresGone, LogLevel.Error, "PostgreSQL process {Process} ended by itself; starting it again")]
    public static partial void LogGone(ILogger log, int process);

    [LoggerMessage(EventIds.PostgresRestartFailed, LogLevel.Error, "PostgreSQL did not start again: {Reason}")]
    public static partial void LogRestartFailed(ILogger log, string reason);

    [LoggerMessage(EventIds.PostgresFetched, LogLevel.Information, "PostgreSQL {Version} fetched into {Directory}")]
    public static partial void LogFetched(ILogger log, string version, string directory);

    [LoggerMessage(EventIds.MigrationApplied, LogLevel.Information, "Schema step {Number} {Name} applied")]
    public static partial void LogApplied(ILogger log, int number, string name);

    [LoggerMessage(EventIds.CommitOutcomeUnknown, LogLevel.Error, "Outcome of a commit unknown: {Why}")]
    public static partial void LogOutcomeUnknown(ILogger log, string why);

    [LoggerMessage(EventIds.StoreLost, LogLevel.Error, "Database out of reach: {Why}")]
    public static partial void LogStoreLost(ILogger log, string why);

    [LoggerMessage(EventIds.SnapshotFailed, LogLevel.Warning, "Snapshot at {Position} not written: {Why}")]
    public static partial void LogSnapshotFailed(ILogger log, long position, string why);

    [LoggerMessage(EventIds.FilesDeclared, LogLevel.Information, "Declared {Count} files of {Directory}")]
    public static partial void LogDeclared(ILogger log, string directory, int count);

    [LoggerMessage(EventIds.FilesRefused, LogLevel.Warning, "Refused: {Problem}")]
    public static partial void LogProblem(ILogger log, string problem);

    [LoggerMessage(EventIds.LedgerBroken, LogLevel.Critical, "The ledger is broken; nothing is decided on it: {Why}")]
    public static partial void LogLedgerBroken(ILogger log, string why);

    [LoggerMessage(EventIds.WriterSeen, LogLevel.Information, "Writes go to {Writer}")]
    public static partial void LogWriter(ILogger log, Uri writer);

    [LoggerMessage(
        EventIds.WriterSilent, LogLevel.Warning, "The writer {Writer} does not answer ({Why}); writing here")]
    public static partial void LogSilent(ILogger log, Uri writer, string why);

    [LoggerMessage(EventIds.LeaseNotRenewed, LogLevel.Warning, "The writer's lease was not renewed: {Why}")]
    public static partial void LogNotRenewed(ILogger log, string why);

    [LoggerMessage(EventIds.NotJudged, LogLevel.Error, "A request could not be judged and is denied")]
    public static partial void LogNotJudged(ILogger log, Exception failure);

    [LoggerMessage(EventIds.TablesNotWritten, LogLevel.Warning, "The tables were not written: {Why}")]
    public static partial void LogTablesNotWritten(ILogger log, string why);

    [LoggerMessage(EventIds.RecordsRetired, LogLevel.Information, "Content of {Count} records up to {UpTo} let go")]
    public static partial void LogRetired(ILogger log, long count, long upTo);

    [LoggerMessage(EventIds.RecordsNotRetired, LogLevel.Error, "Old records were not let go: {Why}")]
    public static partial void LogNotRetired(ILogger log, string why);

    [LoggerMessage(EventIds.KeysNotFetched, LogLevel.Warning, "Keys of {Issuer} not fetched: {Why}")]
    public static partial void LogNotFetched(ILogger log, string issuer, string why);

    [LoggerMessage(EventIds.HeadNotExported, LogLevel.Error, "Signed head not written to {Directory}: {Why}")]
    public static partial void LogNotExported(ILogger log, string directory, string why);

    [LoggerMessage(EventIds.SitesNotJudged, LogLevel.Warning, "No site is taken for lost: {Why}")]
    public static partial void LogBlind(ILogger log, string why);

    [LoggerMessage(EventIds.UsageNotWritten, LogLevel.Warning, "Usage of the hour not written yet: {Why}")]
    public static partial void LogUsageNotWritten(ILogger log, string why);

    [LoggerMessage(EventIds.DrillStale, LogLevel.Warning,
        "{Count} losses were not played through within {Days} days, such as {Names}")]
    public static partial void LogStale(ILogger log, int count, int days, string names);

    [LoggerMessage(EventIds.DrillNotLooked, LogLevel.Warning, "Age of drills not looked at: {Why}")]
    public static partial void LogNotLooked(ILogger log, string why);

    [LoggerMessage(EventIds.DirectoryTold, LogLevel.Information, "The directory was told {Bytes} bytes of numbers")]
    public static partial void LogTold(ILogger log, int bytes);

    [LoggerMessage(
        EventIds.DirectoryNotTold, LogLevel.Warning,
        "The directory was not told; every decision here works on: {Why}")]
    public static partial void LogNotTold(ILogger log, string why);

    [LoggerMessage(EventIds.ReportTaken, LogLevel.Debug, "Cell {Cell} told {Bytes} bytes of numbers")]
    public static partial void LogTaken(ILogger log, string cell, int bytes);

    [LoggerMessage(EventIds.ReportRefused, LogLevel.Warning, "A report of cell {Cell} is refused for {Count} reasons")]
    public static partial void LogRefused(ILogger log, string cell, int count);
}
