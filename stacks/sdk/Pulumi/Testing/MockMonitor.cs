using System.Collections;
using System.Collections.Concurrent;
using ControlPlane.Rpc;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Serialization;

namespace Pulumi.Testing;

/// <summary>Stands in for the engine: keeps what is registered and asks the mocks for states.</summary>
internal sealed class MockMonitor(IMocks mocks) : IMonitor
{
    private readonly ConcurrentQueue<Resource> resources = new();
    private readonly ConcurrentDictionary<string, Struct> known = new();

    public ImmutableArray<Resource> Resources => [.. resources];

    public bool IsBusy { get; }

    /// <summary>Outputs are not kept apart, so that mocks see plain values.</summary>
    public Task<bool> SupportsAsync(string feature) => Task.FromResult(feature != "outputValues");

    public async Task<RegisterResourceResponse> RegisterAsync(Resource resource, RegisterResourceRequest request)
    {
        resources.Enqueue(resource);
        var urn = UrnOf(request.Parent, request.Type, request.Name);
        if (request.Type == Stack.RootType)
        {
            return new() { Urn = urn, Object = new Struct() };
        }
        var (id, state) = await mocks.NewResourceAsync(new()
        {
            Type = request.Type,
            Name = request.Name,
            Inputs = Plain(request.Object),
            Provider = request.Provider,
            Id = request.ImportId,
        }).ConfigureAwait(false);
        var sent = await PutAsync(state).ConfigureAwait(false);
        Remember(urn, id ?? request.ImportId, sent);
        return new() { Urn = urn, Id = id ?? request.ImportId, Object = sent };
    }

    public async Task<ReadResourceResponse> ReadAsync(Resource resource, ReadResourceRequest request)
    {
        resources.Enqueue(resource);
        var (id, state) = await mocks.NewResourceAsync(new()
        {
            Type = request.Type,
            Name = request.Name,
            Inputs = Plain(request.Properties),
            Provider = request.Provider,
            Id = request.Id,
        }).ConfigureAwait(false);
        var urn = UrnOf(request.Parent, request.Type, request.Name);
        var sent = await PutAsync(state).ConfigureAwait(false);
        Remember(urn, id ?? request.Id, sent);
        return new() { Urn = urn, Properties = sent };
    }

    public async Task<InvokeResponse> InvokeAsync(ResourceInvokeRequest request)
    {
        var args = Plain(request.Args);
        if (request.Tok == "pulumi:pulumi:getResource")
        {
            return known.TryGetValue((string)args["urn"], out var state)
                ? new() { Return = state }
                : throw new InvalidOperationException($"Unknown resource {args["urn"]}");
        }
        var answer = await mocks.CallAsync(new() { Token = request.Tok, Args = args, Provider = request.Provider })
            .ConfigureAwait(false);
        return new() { Return = await PutAsync(answer).ConfigureAwait(false) };
    }

    public Task RegisterOutputsAsync(RegisterResourceOutputsRequest request) => mocks.RegisterResourceOutputs(new(
        request.Urn,
        request.Outputs.Fields.ToImmutableDictionary(
            field => field.Key,
            field => new Output<object?>(Task.FromResult(Deserializer.Deserialize(field.Value))))));

    public Task ShutDownAsync() => Task.CompletedTask;

    private static string UrnOf(string parent, string type, string name)
    {
        var above = parent.Length == 0 ? "" : parent.Split("::")[2].Split('$')[0] + "$";
        return $"urn:pulumi:{Deployment.Instance.StackName}::{Deployment.Instance.ProjectName}::{above}{type}::{name}";
    }

    private static ImmutableDictionary<string, object> Plain(Struct? sent) => (sent ?? new Struct()).Fields
        .Select(field => (field.Key, Data: Deserializer.Deserialize(field.Value)))
        .Where(field => field.Data is { IsKnown: true, Value: not null })
        .ToImmutableDictionary(field => field.Key, field => field.Data.Value!);

    private static async Task<Struct> PutAsync(object state)
    {
        // Only the dictionaries that C# programs usually build are also untyped ones.
        object given = state is IDictionary<string, object> map and not IDictionary
            ? map.ToDictionary(entry => entry.Key, entry => entry.Value)
            : state;
        var value = await new Serializer(new Wording(KeepResources: true)).SerializeAsync("", given)
            .ConfigureAwait(false);
        return value is { KindCase: Value.KindOneofCase.StructValue }
            ? value.StructValue
            : throw new InvalidOperationException($"{state.GetType().FullName} is not a supported argument type");
    }

    private void Remember(string urn, string id, Struct state)
    {
        var entry = new Struct();
        entry.Fields.Add("urn", Value.ForString(urn));
        entry.Fields.Add("id", Value.ForString(id));
        entry.Fields.Add("state", Value.ForStruct(state));
        known[urn] = entry;
    }
}

/// <summary>Stands in for the engine's log and keeps the errors.</summary>
internal sealed class MockEngine : IEngine
{
    private readonly ConcurrentQueue<string> errors = new();

    public ImmutableArray<string> Errors => [.. errors];

    public Task LogAsync(LogRequest request)
    {
        if (request.Severity == LogSeverity.Error)
        {
            errors.Enqueue(request.Message);
        }
        return Task.CompletedTask;
    }
}
