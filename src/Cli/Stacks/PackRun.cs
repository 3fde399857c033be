using System.Diagnostics;
using System.Globalization;
using ControlPlane.Cli.Terminal;
using ControlPlane.Pack;
using ControlPlane.Rpc;
using Google.Protobuf.WellKnownTypes;

namespace ControlPlane.Cli.Stacks;

/// <summary>What the policy pack said about a resource, or about the stack when the URN is empty.</summary>
internal sealed record PackVerdict(string Rule, string Level, string Urn, string Message);

/// <summary>Asks the policy pack about resources as the engine would: its own process, its own protocol.</summary>
internal static class PackRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task<Seq<PackVerdict>> JudgeAsync(
        StackTree tree, string stack, bool isPreview, Seq<PreviewedResource> resources, CancellationToken cancellation)
    {
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
            return await AskAsync(channel, new Question(tree, stack, isPreview, resources), cancellation);
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

    private static async Task<Seq<PackVerdict>> AskAsync(
        RpcChannel channel, Question question, CancellationToken cancellation)
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
        await channel.CallAsync<AnalyzerStackConfigureResponse>(
            AnalyzerMethods.ConfigureStack,
            new AnalyzerStackConfigureRequest
            {
                Stack = question.Stack,
                Project = StackConfig.Project,
                DryRun = question.IsPreview,
            },
            Patience,
            cancellation);
        var verdicts = new List<PackVerdict>();
        var whole = new AnalyzeStackRequest();
        foreach (var resource in question.Resources)
        {
            var request = RequestOf(resource, question.Resources);
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
        await channel.CallAsync<Empty>(AnalyzerMethods.Cancel, new Empty(), Patience, cancellation);
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

    private sealed record Question(StackTree Tree, string Stack, bool IsPreview, Seq<PreviewedResource> Resources);
}
