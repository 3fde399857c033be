using System.Diagnostics;
using System.Globalization;
using ControlPlane.Cli.Terminal;
using ControlPlane.Pack;
using ControlPlane.Rpc;

namespace ControlPlane.Cli.Stacks;

/// <summary>What the policy pack said about a resource, or about the stack when the URN is empty.</summary>
internal sealed record PackVerdict(string Rule, string Level, string Urn, string Message);

/// <summary>Which stack the policy pack is asked about.</summary>
internal sealed record PackQuestion(string Stack)
{
    /// <summary>Whether values may still be unknown; at an update and in a state everything must be known.</summary>
    public bool IsPreview { get; init; } = true;

    /// <summary>The stack's configuration; empty for a state, which does not hold it.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();
}

/// <summary>The policy pack as the engine has it: its own process, asked over its own protocol.</summary>
internal sealed class PackSession : IDisposable
{
    private const string RefusedRule = ": rule ";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process process;
    private readonly RpcChannel channel;

    private PackSession(Process process, RpcChannel channel) => (this.process, this.channel) = (process, channel);

    /// <summary>Starts the pack of a tree and tells it where the tree is.</summary>
    public static async Task<PackSession> StartAsync(StackTree tree, CancellationToken cancellation)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [tree.PackProgram, "127.0.0.1:0"])
        {
            WorkingDirectory = tree.Root,
            RedirectStandardOutput = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync(
            cancellation).AsTask().WaitAsync(Patience, cancellation);
        if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            process.Kill();
            throw new CommandFailure(
                ExitCode.Bug, "pack-failed", $"the policy pack printed '{line}' instead of its port");
        }

        var session = new PackSession(process, new RpcChannel($"127.0.0.1:{port}"));
        var handshake =
            new AnalyzerHandshakeRequest { RootDirectory = tree.Root, ProgramDirectory = tree.ProgramFolder };
        await session.CallAsync<AnalyzerHandshakeResponse>(AnalyzerMethods.Handshake, handshake, cancellation);
        return session;
    }

    /// <summary>
    /// Turns to a stack, before any of its resources is declared. Gives why the pack refuses its region file or its
    /// settings; nothing where resources may follow.
    /// </summary>
    public async Task<Seq<PackVerdict>> TurnToAsync(PackQuestion question, CancellationToken cancellation)
    {
        var request = new AnalyzerStackConfigureRequest
        {
            Stack = question.Stack,
            Project = StackConfig.Project,
            DryRun = question.IsPreview,
        };
        foreach (var (key, value) in question.Config) request.Config[key] = value;
        try
        {
            await channel.CallAsync<AnalyzerStackConfigureResponse>(
                AnalyzerMethods.ConfigureStack, request, Patience, cancellation);
            return [];
        }
        catch (RpcException refused) when (refused.Status == RpcStatus.PermissionDenied)
        {
            return refused.Detail.Split('\n').Skip(1).Select(Refused).ToSeq();
        }
        catch (RpcException refused)
        {
            throw new CommandFailure(ExitCode.InvalidInput, "pack-failed", refused.Detail);
        }
    }

    /// <summary>Judges the resources of the stack that was turned to, one by one and all together.</summary>
    public async Task<Seq<PackVerdict>> JudgeAsync(Seq<PreviewedResource> resources, CancellationToken cancellation)
    {
        var verdicts = new List<PackVerdict>();
        var whole = new AnalyzeStackRequest();
        var byUrn = resources.ToDictionary(item => item.Urn, StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            var request = RequestOf(resource, byUrn);
            var said = await CallAsync<AnalyzeResponse>(AnalyzerMethods.Analyze, request, cancellation);
            verdicts.AddRange(said.Diagnostics.Select(Verdict));
            whole.Resources.Add(new AnalyzerResource
            {
                Type = request.Type,
                Name = request.Name,
                Urn = request.Urn,
                Properties = request.Properties,
                Provider = request.Provider,
                Parent = resource.Parent,
            });
        }

        var end = await CallAsync<AnalyzeResponse>(AnalyzerMethods.AnalyzeStack, whole, cancellation);
        verdicts.AddRange(end.Diagnostics.Select(Verdict));
        return verdicts.ToSeq();
    }

    public void Dispose()
    {
        channel.Dispose();
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    private async Task<T> CallAsync<T>(
        string method, Google.Protobuf.IMessage request, CancellationToken cancellation)
        where T : class, Google.Protobuf.IMessage<T>, new()
    {
        try
        {
            return await channel.CallAsync<T>(method, request, Patience, cancellation);
        }
        catch (RpcException failed)
        {
            throw new CommandFailure(ExitCode.InvalidInput, "pack-failed", failed.Detail);
        }
    }

    private static AnalyzeRequest RequestOf(
        PreviewedResource resource, Dictionary<string, PreviewedResource> byUrn)
    {
        var request = new AnalyzeRequest
        {
            Type = resource.Type,
            Name = resource.Name,
            Urn = resource.Urn,
            Properties = StructValues.Write(resource.Inputs),
        };
        if (byUrn.TryGetValue(resource.ProviderUrn, out var provider))
        {
            request.Provider = new AnalyzerProviderResource
            {
                Type = provider.Type,
                Name = provider.Name,
                Urn = provider.Urn,
                Properties = StructValues.Write(provider.Inputs),
            };
        }

        return request;
    }

    private static PackVerdict Verdict(AnalyzeDiagnostic said) => new(
        said.PolicyName,
        said.EnforcementLevel == EnforcementLevel.Advisory ? "advisory" : "mandatory",
        said.Urn,
        said.Message);

    // Each line is "FILE: rule NAME: REASON".
    private static PackVerdict Refused(string line)
    {
        var start = line.IndexOf(RefusedRule, StringComparison.Ordinal) + RefusedRule.Length;
        var end = line.IndexOf(':', Math.Min(start, line.Length));
        return new PackVerdict(start < RefusedRule.Length || end < 0 ? "" : line[start..end], "mandatory", "", line);
    }
}
