using ControlPlane.Rpc;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Serialization;

namespace Pulumi;

/// <summary>Asks functions of providers.</summary>
internal sealed class Invoker(Deployment deployment)
{
    /// <summary>
    /// The answer as an output; nothing is asked while an argument, or what it waits for, is unknown.
    /// </summary>
    public async Task<OutputData<T>> OutputAsync<T>(string token, InvokeArgs? args, InvokeOptions? options)
    {
        var (sent, resources) = await PrepareAsync(token, args).ConfigureAwait(false);
        if (options is InvokeOutputOptions explicitly)
        {
            resources.UnionWith(
                await explicitly.DependsOn.ToOutput().GetValueAsync(whenUnknown: []).ConfigureAwait(false));
        }
        var isSecret = Contains(Value.ForStruct(sent), IsSecretMark);
        if (Contains(Value.ForStruct(sent), IsUnknown) || await AnyWithoutIdAsync(resources).ConfigureAwait(false))
        {
            return new([.. resources], default!, IsKnown: false, isSecret);
        }
        var answer = await AskAsync(token, sent, options).ConfigureAwait(false);
        var data = new Converter(problem => Log.Warn(problem))
            .Convert<T>($"{token} result", Value.ForStruct(answer.Return ?? new Struct()));
        return data with
        {
            Resources = data.Resources.Union(resources),
            IsKnown = data.IsKnown && !answer.Unknown,
            IsSecret = data.IsSecret || isSecret,
        };
    }

    public async Task<T> PlainAsync<T>(string token, InvokeArgs? args, InvokeOptions? options)
    {
        var (sent, _) = await PrepareAsync(token, args).ConfigureAwait(false);
        var answer = await AskAsync(token, sent, options).ConfigureAwait(false);
        return new Converter(problem => Log.Warn(problem))
            .Convert<T>($"{token} result", Value.ForStruct(answer.Return ?? new Struct())).Value;
    }

    private static bool IsUnknown(Value value) => value.StringValue == Markers.Unknown;

    private static bool IsSecretMark(Value value) => value.StringValue == Markers.Secret;

    private static bool Contains(Value value, Func<Value, bool> test) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => test(value),
        Value.KindOneofCase.ListValue => value.ListValue.Values.Any(item => Contains(item, test)),
        Value.KindOneofCase.StructValue => value.StructValue.Fields.Values.Any(item => Contains(item, test)),
        _ => false,
    };

    private static async Task<bool> AnyWithoutIdAsync(IEnumerable<Resource> resources)
    {
        foreach (var custom in ResourceGraph.Leaves(resources).OfType<CustomResource>())
        {
            if (custom is not DependencyResource && !(await custom.Id.DataTask.ConfigureAwait(false)).IsKnown)
            {
                return true;
            }
        }
        return false;
    }

    private async Task<(Struct Sent, HashSet<Resource> Resources)> PrepareAsync(string token, InvokeArgs? args)
    {
        var given = await (args ?? InvokeArgs.Empty).ToDictionaryAsync().ConfigureAwait(false);
        var (sent, resources) = await Serializer.PropertiesAsync(
            $"invoke:{token}", given,
            new Wording(await deployment.KeepsResourcesAsync().ConfigureAwait(false))).ConfigureAwait(false);
        return (sent, [.. resources.Values.SelectMany(set => set)]);
    }

    private async Task<InvokeResponse> AskAsync(string token, Struct sent, InvokeOptions? options)
    {
        var provider = options?.Provider ?? options?.Parent?.GetProvider(token);
        var answer = await deployment.Monitor.InvokeAsync(new()
        {
            Tok = token,
            Args = sent,
            Provider = provider is null ? "" : await provider.ReferenceAsync().ConfigureAwait(false),
            Version = options?.Version ?? "",
            PluginDownloadURL = options?.PluginDownloadURL ?? "",
            AcceptResources = deployment.Settings.AcceptResources,
        }).ConfigureAwait(false);
        return answer.Failures.Count == 0
            ? answer
            : throw new InvokeException($"Invoke of '{token}' failed: " + string.Join(
                "; ", answer.Failures.Select(failure => $"{failure.Reason} ({failure.Property})")));
    }

    private sealed class InvokeException(string message) : Exception(message);
}
