using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Hosting;

/// <summary>
/// Keeps what the ledger declares equal to a directory of files: once at the start, then whenever a file changes. Files
/// with problems change nothing; what was good last stays in force, and every problem is said once.
/// </summary>
internal sealed class DeclaredFiles(
    string directory, Func<Seq<SourceFile>, PolicySignature?, Placements.Command> declare, DecisionLoop loop,
    ILogger log)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private string seen = "";

    /// <summary>Declares the files as they are.</summary>
    /// <returns>What is wrong with them; nothing when they are in force.</returns>
    public async Task<Seq<Problem>> ApplyAsync(CancellationToken cancellation)
    {
        seen = Fingerprint();
        // Paths in problems and in the ledger start with the folder's own name, as a reviewer sees them.
        var read = TreeReader.Read(Path.GetDirectoryName(directory) ?? directory, Path.GetFileName(directory));
        if (!read.IsValid) return read.Problems;
        var files = read.Value.Files;
        var signature = Signature();
        if (signature is { IsValid: false }) return signature.Problems;
        return await loop.SubmitAsync(declare(files, signature?.Value), cancellation) switch
        {
            Declared { Changed: true } => Said(() => LogDeclared(log, directory, files.Count)),
            Declared or PoliciesJudged { InForce: true, Changed: false } => [],
            PoliciesJudged { InForce: true } => Said(() => LogDeclared(log, directory, files.Count)),
            PoliciesJudged judged => [Waiting(judged)],
            PoliciesUnsigned unsigned => [new Problem(ProblemCatalog.Signature.Slug, directory, unsigned.Why)],
            DeclarationRefused refused => refused.Problems,
            Unavailable unavailable => Forget(unavailable),
            var other => throw new System.Diagnostics.UnreachableException($"{other}"),
        };
    }

    /// <summary>
    /// Watches until cancelled. By looking, not by events: a missed event would be a change that never comes.
    /// </summary>
    public async Task WatchAsync(TimeProvider clock, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                if (Fingerprint() == seen) continue;
                foreach (var problem in await ApplyAsync(cancellation)) Say(problem);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    public void Say(Problem problem) => LogProblem(log, problem.ToString());

    /// <summary>Looks the same exactly as long as no file was added, removed, renamed or written.</summary>
    private string Fingerprint()
    {
        if (!Directory.Exists(directory)) return "";
        var files = new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories)
            .OrderBy(file => file.FullName, StringComparer.Ordinal)
            .Select(file => $"{file.FullName} {file.LastWriteTimeUtc.Ticks} {(file.Exists ? file.Length : 0)}");
        return string.Join('\n', files);
    }

    /// <summary>The approval that lies beside the files; null when there is none.</summary>
    private Checked<PolicySignature>? Signature()
    {
        var path = Path.Combine(directory, Path.GetFileName(PolicySignature.FilePath));
        return File.Exists(path) ? PolicySignature.Parse(File.ReadAllText(path)) : null;
    }

    /// <summary>Policies by which something that runs becomes unlawful wait for somebody who says so.</summary>
    private Problem Waiting(PoliciesJudged judged) => new(
        ProblemCatalog.PlacementsUnlawful.Slug, directory,
        $"{judged.Unlawful.Count} placement(s) would become unlawful; what was in force stays. See them with "
        + "'cplane policy activate --validate-only', and accept them with '--accept-unlawful N'");

    private static Seq<Problem> Said(Action say)
    {
        say();
        return [];
    }

    /// <summary>The store could not be reached: the same files are tried again at the next look.</summary>
    private Seq<Problem> Forget(Unavailable unavailable)
    {
        seen = "";
        return [new Problem(unavailable.Slug, directory, unavailable.Detail)];
    }
}
