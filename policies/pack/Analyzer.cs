using ControlPlane.Files;
using ControlPlane.Policies.Stacks;
using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;
using ControlPlane.Rpc;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using PolicyLevel = ControlPlane.Rpc.EnforcementLevel;

namespace ControlPlane.Pack;

/// <summary>Answers the Pulumi engine's questions about the resources of a stack.</summary>
internal sealed class Analyzer
{
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Action stop;
    private readonly List<string> folders;
    private readonly Dictionary<string, PolicyLevel> levels = new(StringComparer.Ordinal);
    private Fleet? fleet;
    private string stack = "";
    private Seq<PlanEntry> config = [];
    private bool isPreview;

    public Analyzer(string folder, TimeProvider time, Action stop)
    {
        (this.time, this.stop) = (time, stop);
        folders = [folder];
        Methods =
        [
            Of<AnalyzerHandshakeRequest, AnalyzerHandshakeResponse>(AnalyzerMethods.Handshake, Handshake),
            Of<AnalyzerStackConfigureRequest, AnalyzerStackConfigureResponse>(
                AnalyzerMethods.ConfigureStack, ConfigureStack),
            Of<Empty, AnalyzerInfo>(AnalyzerMethods.GetAnalyzerInfo, _ => PackFacts.Describe()),
            Of<Empty, PluginInfo>(AnalyzerMethods.GetPluginInfo, _ => new PluginInfo { Version = PackFacts.Version }),
            Of<ConfigureAnalyzerRequest, Empty>(AnalyzerMethods.Configure, Configure),
            Of<AnalyzeRequest, AnalyzeResponse>(AnalyzerMethods.Analyze, Analyze),
            Of<AnalyzeStackRequest, AnalyzeResponse>(AnalyzerMethods.AnalyzeStack, AnalyzeStack),
            Of<AnalyzeRequest, RemediateResponse>(AnalyzerMethods.Remediate, Remediate),
            Of<Empty, Empty>(AnalyzerMethods.Cancel, Cancel),
        ];
    }

    public IReadOnlyCollection<RpcMethod> Methods { get; }

    private static RpcMethod Of<TRequest, TReply>(string path, Func<TRequest, TReply> answer)
        where TRequest : class, IMessage<TRequest>, new()
        where TReply : class, IMessage<TReply> =>
        RpcMethod.Of<TRequest, TReply>(path, (request, _) => Task.FromResult(answer(request)));

    private AnalyzerHandshakeResponse Handshake(AnalyzerHandshakeRequest request)
    {
        lock (gate)
        {
            // The program's own tree comes first; the folder that the pack runs in is the last resort.
            folders.InsertRange(0, [request.ProgramDirectory, request.RootDirectory]);
        }

        return new AnalyzerHandshakeResponse();
    }

    private AnalyzerStackConfigureResponse ConfigureStack(AnalyzerStackConfigureRequest request)
    {
        var given = request.Config.Select(entry => new PlanEntry(entry.Key, entry.Value))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .ToSeq();
        lock (gate) (stack, isPreview, config) = (request.Stack, request.DryRun, given);
        // Whether this stack can be judged at all, and can be lawful at all, is said before its first resource.
        var at = CaseOf("");
        if (request.Config.TryGetValue($"{request.Project}:platform", out var settings)) Settings(at, settings);
        return new AnalyzerStackConfigureResponse();
    }

    // What cannot be planned without breaking a rule, such as a claimed custody of keys that nothing makes true.
    private static void Settings(PlanCase at, string text)
    {
        var settings = StackSettings.Parse(new SourceFile(at.ConfigFile, text));
        if (!settings.IsValid) throw Refusal.Of(settings.Problems, at.ConfigFile);
        var plan = RegionPlanner.Plan(at.Fleet, at.Region.Id, settings.Value, at.AsOf);
        if (!plan.IsValid) throw Refusal.Of(plan.Problems, at.ConfigFile);
    }

    private Empty Configure(ConfigureAnalyzerRequest request)
    {
        lock (gate)
        {
            foreach (var (name, config) in request.PolicyConfig) levels[name] = config.EnforcementLevel;
        }

        return new Empty();
    }

    private AnalyzeResponse Analyze(AnalyzeRequest request)
    {
        var resource = Resources.Of(request);
        return Answer(request.Urn, at => PlanRules.All.SelectMany(rule => rule.Judge(at, resource)));
    }

    private AnalyzeResponse AnalyzeStack(AnalyzeStackRequest request)
    {
        var resources = request.Resources.Select(Resources.Of).ToSeq();
        var urn = resources.Count == 0 ? "" : resources[0].Urn;
        Seq<PlanEntry> given;
        lock (gate) given = config;
        return Answer(urn, at => PlanRules.All.SelectMany(rule => rule.JudgeStack(at, resources)
            .Concat(given.Count == 0 ? [] : rule.JudgeConfig(at, given))));
    }

    private RemediateResponse Remediate(AnalyzeRequest request)
    {
        var resource = Resources.Of(request);
        var at = CaseOf(request.Urn);
        var response = new RemediateResponse();
        foreach (var rule in PlanRules.All.Where(rule => LevelOf(rule) == PolicyLevel.Remediate))
        {
            if (rule.Remediate(at, resource) is not { } better) continue;
            resource = resource with { Properties = better };
            response.Remediations.Add(new Remediation
            {
                PolicyName = rule.Name,
                PolicyPackName = PackFacts.Name,
                PolicyPackVersion = PackFacts.Version,
                Description = rule.Demand,
                Properties = StructValues.Write(better),
            });
        }

        return response;
    }

    private Empty Cancel(Empty request)
    {
        stop();
        return request;
    }

    private AnalyzeResponse Answer(string urn, Func<PlanCase, IEnumerable<PlanFinding>> judge)
    {
        var at = CaseOf(urn);
        var response = new AnalyzeResponse();
        foreach (var finding in judge(at))
        {
            var rule = PlanRules.All.First(item => item.Name == finding.Rule);
            var level = LevelOf(rule);
            if (level == PolicyLevel.Disabled) continue;
            if (finding.Outcome == PlanOutcome.NotApplicable)
                response.NotApplicable.Add(
                    new PolicyNotApplicable { PolicyName = rule.Name, Reason = finding.Because });
            else response.Diagnostics.Add(PackFacts.Diagnostic(rule, finding, at.File, Weight(level, finding)));
        }

        return response;
    }

    // What is not known yet is told in a preview and decided at the update; there it must be known.
    private PolicyLevel Weight(PolicyLevel level, PlanFinding finding)
    {
        if (finding.Outcome == PlanOutcome.Undecided && isPreview) return PolicyLevel.Advisory;
        return level == PolicyLevel.Remediate ? PolicyLevel.Mandatory : level;
    }

    private PolicyLevel LevelOf(PlanRule rule)
    {
        lock (gate)
        {
            if (levels.TryGetValue(rule.Name, out var own)) return own;
            return levels.TryGetValue("all", out var all) ? all : PackFacts.LevelOf(rule);
        }
    }

    private PlanCase CaseOf(string urn)
    {
        lock (gate)
        {
            fleet ??= RegionTree.Read(folders);
            var name = stack.Length > 0 ? stack : StackCase.StackOf(urn);
            return StackCase.Of(fleet, name, time.GetUtcNow());
        }
    }
}
