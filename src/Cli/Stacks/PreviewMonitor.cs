using ControlPlane.Pack;
using ControlPlane.Policies.Stacks;
using ControlPlane.Rpc;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace ControlPlane.Cli.Stacks;

/// <summary>
/// Stands in for the Pulumi engine while a stack program runs: takes what it registers, makes nothing, and answers as
/// the engine does in a preview.
/// </summary>
internal sealed class PreviewMonitor
{
    private const string StackType = "pulumi:pulumi:Stack";

    private static readonly Seq<string> Features = ["secrets", "resourceReferences", "aliasSpecs", "deletedWith"];

    private readonly Lock gate = new();
    private readonly string stack;
    private readonly string project;
    private readonly Dictionary<string, PreviewedResource> resources = new(StringComparer.Ordinal);
    private readonly SortedSet<string> standIns = new(StringComparer.Ordinal);
    private readonly List<string> messages = [];
    private readonly List<string> errors = [];
    private PlanMap outputs = PlanMap.Empty;

    public PreviewMonitor(string stack, string project)
    {
        (this.stack, this.project) = (stack, project);
        Methods =
        [
            Of<SupportsFeatureRequest, SupportsFeatureResponse>(
                MonitorMethods.SupportsFeature,
                request => new SupportsFeatureResponse { HasSupport = Features.Contains(request.Id) }),
            Of<RegisterResourceRequest, RegisterResourceResponse>(MonitorMethods.RegisterResource, Register),
            Of<RegisterResourceOutputsRequest, Empty>(MonitorMethods.RegisterResourceOutputs, RegisterOutputs),
            Of<ResourceInvokeRequest, InvokeResponse>(MonitorMethods.Invoke, Invoke),
            Of<Empty, Empty>(MonitorMethods.SignalAndWaitForShutdown, request => request),
            Of<LogRequest, Empty>(EngineMethods.Log, Log),
            Of<RequirePulumiVersionRequest, RequirePulumiVersionResponse>(
                EngineMethods.RequirePulumiVersion, _ => new RequirePulumiVersionResponse()),
        ];
    }

    public IReadOnlyCollection<RpcMethod> Methods { get; }

    /// <summary>Errors that the program told the engine.</summary>
    public Seq<string> Errors
    {
        get
        {
            lock (gate) return errors.ToSeq();
        }
    }

    /// <summary>All that was registered so far.</summary>
    public Previewed Take(IEnumerable<string> standInsOfConfig)
    {
        lock (gate)
        {
            return new Previewed
            {
                Stack = stack,
                Project = project,
                Resources = resources.Values.OrderBy(item => item.Urn, StringComparer.Ordinal).ToSeq(),
                Outputs = outputs,
                StandIns = standIns.Concat(standInsOfConfig).ToSeq(),
                Messages = messages.Order(StringComparer.Ordinal).ToSeq(),
            };
        }
    }

    private static RpcMethod Of<TRequest, TReply>(string path, Func<TRequest, TReply> answer)
        where TRequest : class, IMessage<TRequest>, new()
        where TReply : class, IMessage<TReply> =>
        RpcMethod.Of<TRequest, TReply>(path, (request, _) => Task.FromResult(answer(request)));

    private RegisterResourceResponse Register(RegisterResourceRequest request)
    {
        lock (gate)
        {
            var urn = UrnOf(request);
            if (resources.ContainsKey(urn))
                throw new RpcException(
                    RpcStatus.Unknown, $"Duplicate resource URN '{urn}'; try giving it a unique name");
            var needsProvider = request.Custom && !request.Type.StartsWith("pulumi:", StringComparison.Ordinal);
            if (needsProvider && request.Provider.Length == 0)
            {
                var package = request.Type[..request.Type.IndexOf(':')];
                throw new RpcException(
                    RpcStatus.Unknown,
                    $"Default provider for '{package}' disabled. '{urn}' must use an explicit provider.");
            }

            resources.Add(urn, new PreviewedResource
            {
                Urn = urn,
                Type = request.Type,
                Name = request.Name,
                Parent = request.Parent,
                IsCustom = request.Custom,
                // The reference is the provider's name, then two colons, then its id, which nothing has in a preview.
                ProviderUrn = request.Provider.Length == 0
                    ? ""
                    : request.Provider[..request.Provider.LastIndexOf("::", StringComparison.Ordinal)],
                IsProtected = request.Protect,
                Inputs = StructValues.Read(request.Object),
                Dependencies = request.Dependencies.Order(StringComparer.Ordinal).ToSeq(),
            });
            return new RegisterResourceResponse { Urn = urn, Object = request.Object ?? new Struct() };
        }
    }

    private Empty RegisterOutputs(RegisterResourceOutputsRequest request)
    {
        lock (gate)
        {
            if (resources.TryGetValue(request.Urn, out var resource) && resource.Type == StackType)
                outputs = StructValues.Read(request.Outputs);
        }

        return new Empty();
    }

    private InvokeResponse Invoke(ResourceInvokeRequest request)
    {
        var answer = StandInAnswers.Of(request.Tok, request.Args ?? new Struct())
            ?? throw new RpcException(RpcStatus.Unknown, $"{request.Tok} can be answered by a cloud only");
        lock (gate) standIns.Add(request.Tok);
        return new InvokeResponse { Return = answer };
    }

    private Empty Log(LogRequest request)
    {
        lock (gate)
        {
            var isError = request.Severity == LogSeverity.Error;
            if (isError) errors.Add(request.Message);
            else if (request.Severity != LogSeverity.Debug) messages.Add(request.Message);
        }

        return new Empty();
    }

    // urn:pulumi:STACK::PROJECT::TYPE::NAME, with the types of the parents before the type, but not the stack's.
    private string UrnOf(RegisterResourceRequest request)
    {
        var type = request.Type;
        if (resources.TryGetValue(request.Parent, out var parent) && parent.Type != StackType)
            type = $"{parent.Urn.Split("::")[2]}${type}";
        return $"urn:pulumi:{stack}::{project}::{type}::{request.Name}";
    }
}
