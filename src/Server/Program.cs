using System.Runtime.InteropServices;
using ControlPlane.Server.Cells;
using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;

// Options
var parsed = ServerOptions.Parse(args, Environment.GetEnvironmentVariable);
if (!parsed.IsValid)
{
    foreach (var problem in parsed.Problems) Console.Error.WriteLine($"control-plane: {problem}");
    return ExitCode.Usage;
}
var options = parsed.Value;
if (options.HelpAsked)
{
    Console.WriteLine(ServerOptions.Usage);
    return ExitCode.Stopped;
}

// Ctrl-C and SIGTERM count from the first moment on, so that a start that is stopped half-way stops what it started.
using var stopping = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

try
{
    return await RunAsync();
}
catch (StartRefusedException refused)
{
    Console.Error.WriteLine($"control-plane: {refused.Message}");
    return refused.ExitCode;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    return ExitCode.Stopped;
}
catch (Exception bug)
{
    // The last stop: everything that was started has been stopped on the way here.
    Console.Error.WriteLine($"control-plane: this is a bug, please report it\n{bug}");
    return ExitCode.Bug;
}

async Task<int> RunAsync()
{
    if (options.ServeDirectory is { } cells) return await DirectoryHost.RunAsync(cells, options, stopping.Token);
    using var loggers = LoggerFactory.Create(logging => ServerLog.Configure(logging, options.LogLevel));

    // Lock and database; disposed in reverse order after the last request is answered
    using var directory = DataDirectory.Take(options.DataDirectory);
    await using var postgres = options.Database is null
        ? await PrivatePostgres.StartAsync(directory, loggers, stopping.Token)
        : null;
    await using var database = new PostgresDatabase(postgres?.ConnectionString ?? options.Database!, loggers);
    await DatabaseCheck.RunAsync(database, stopping.Token);
    var migrator = new Migrator(database, Migration.BuiltIn(), loggers.CreateLogger<Migrator>());
    await migrator.MigrateAsync(stopping.Token);
    if (options.Projections is { } work) return await ProjectionCommand.RunAsync(work, database, stopping.Token);

    // Identities: own key, whose tokens count
    await using var identity = await IdentityHost.StartAsync(options, database, loggers, stopping.Token);

    // Ledger: the state is loaded, then declared files are brought in
    await using var ledger = await LedgerHost.StartAsync(database, options, loggers, stopping.Token);

    // HTTP
    await using var app = HttpEdge.Create(options, ledger, database, identity);
    var url = await Listener.StartAsync(app, options.Port, stopping.Token);
    ledger.Lease.Begin(options.Advertise ?? new Uri(url));
    // Whoever is started beside it on this machine learns here where it listens.
    await File.WriteAllTextAsync(Path.Combine(directory.Root, "server.url"), url + "\n", stopping.Token);

    Console.WriteLine(ReadyLines.From(
        url, options, Environment.GetEnvironmentVariable("CPLANE_CHECKOUT"),
        options.DataDirectory == ServerOptions.DefaultDataDirectory(Environment.GetEnvironmentVariable)));
    // A loop that ends by itself has met a bug: better no server than one that answers nothing.
    await await Task.WhenAny(app.WaitForShutdownAsync(stopping.Token), ledger.Loop.Ended);
    return ExitCode.Stopped;
}
