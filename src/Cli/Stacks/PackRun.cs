using System.Diagnostics;
using System.Globalization;
using ControlPlane.Cli.Terminal;
using ControlPlane.Pack;
using ControlPlane.Rpc;
using Google.Protobuf.WellKnownTypes;

namespace ControlPlane.Cli.Stacks;

/// <summary>What the policy pack said about a resource, or about the stack when the URN is empty.</summary>
internal sealed record PackVerdict(string Rule, string Level, string Urn, string Message);

/// <summary>What the policy pack is asked about.</summary>
internal sealed record PackQuestion(StackTree Tree, string Stack)
{
    /// <summary>Whether values may still be unknown; at an update and in a state everything must be known.</summary>
    public bool IsPreview { get; init; } = true;

    /// <summary>The stack's configuration; empty for a state, which does not hold it.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();
}

/// <summary>Asks the policy pack about resources as the engine would: its own process, its own protocol.</summary>
internal static class PackRun
{
    private const string RefusedRule = ": rule ";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Judges resources, one by one and all together. They are asked for once the pack has accepted region file and
    /// settings, as the engine does; where it refuses those already, that is what it says.
    /// </summary>
    public static async Task<Seq<PackVerdict>> JudgeAsync(
        PackQuestion question, Func<Task<Seq<PreviewedResource>>> declare, CancellationToken cancellation)
    {
        var tree = question.Tree;
        using var process = Process.Start(new ProcessStartInfo("dotnet", [tree.PackProgram, "127.0.0.1:0"])
        {
            WorkingDirectory = tree.Root,
            RedirectStandardOutput = true,
        })!;
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(
                cancellation).AsTask().WaitAsync(Patience, cancellation);
            if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                throw new CommandFailure(
                    ExitCode.Bug, "pack-failed", $"the policy pack printed '{line}' instead of its port");
            using var channel = new RpcChannel($"127.0.0.1:{port}");
            await IntroduceAsync(channel, question, cancellation);
            var verdicts = await AskAsync(channel, await declare(), cancellation);
            await channel.CallAsync<Empty>(AnalyzerMethods.Cancel, new Empty(), Patience, cancellation);
            return verdicts;
        }
        catch (RpcException refused) when (refused.Status == RpcStatus.PermissionDenied)
        {
            return refused.Detail.Split('\n').Skip(1).Select(Refused).ToSeq();
        }
        catch (RpcException refused)
        {
            throw new CommandFailure(ExitCode.InvalidInput, "pack-failed", refused.Detail);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static async Task IntroduceAsync(
        RpcChannel channel, PackQuestion question, CancellationToken cancellation)
    {
        await channel.CallAsync<AnalyzerHandshakeResponse>(
            AnalyzerMethods.Handshake,
            new AnalyzerHandshakeRequest
            {
                RootDirectory = question.Tree.Root,
                ProgramDirectory = question.Tree.ProgramFolder,
            },
            Patience,
            cancellation);
        var configure = new AnalyzerStackConfigureRequest
        {
            Stack = question.Stack,
            Project = StackConfig.Project,
            DryRun = question.IsPreview,
        };
        foreach (var (key, value) in question.Config) configure.Config[key] = value;
        await channel.CallAsync<AnalyzerStackConfigureResponse>(
            AnalyzerMethods.ConfigureStack, configure, Patience, cancellation);
    }

    private static async Task<Seq<PackVerdict>> AskAsync(
        RpcChannel channel, Seq<PreviewedResource> resources, CancellationToken cancellation)
    {
        var verdicts = new List<PackVerdict>();
        var whole = new AnalyzeStackRequest();
        foreach (var resource in resources)
        {
            var request = RequestOf(resource, resources);
            var said = await channel.CallAsync<AnalyzeResponse>(
                AnalyzerMethods.Analyze, request, Patience, cancellation);
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

        var end = await channel.CallAsync<AnalyzeResponse>(AnalyzerMethods.AnalyzeStack, whole, Patience, cancellation);
        verdicts.AddRange(end.Diagnostics.Select(Verdict));
        return verdicts.ToSeq();
    }

    private static AnalyzeRequest RequestOf(PreviewedResource resource, Seq<PreviewedResource> all)
    {
        var request = new AnalyzeRequest
        {
            Type = resource.Type,
            Name = resource.Name,
            Urn = resource.Urn,
            Properties = StructValues.Write(resource.Inputs),
        };
        if (all.FirstOrDefault(item => item.Urn == resource.ProviderUrn) is { } provider)
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
