using System.Collections.Immutable;
using Pulumi;
using Pulumi.Aws;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace ControlPlane.Sdk.Sample;

/// <summary>Holds small programs, most of which go wrong in one way.</summary>
internal static class Mishaps
{
    public static async Task<IDictionary<string, object?>> RunAsync(string name)
    {
        var config = new Config();
        switch (name)
        {
            case "nothing":
                break;
            case "missing-config":
                config.Require("region");
                break;
            case "wrong-type":
                config.RequireInt32("count");
                break;
            case "throws":
                throw new NotSupportedException("no such cloud");
            case "throws-later":
                await Task.Delay(50);
                throw new NotSupportedException("no such cloud");
            case "apply-throws":
                return new Dictionary<string, object?>
                {
                    ["bad"] = new Namespace("space").Urn.Apply(NoSuchName),
                };
            case "run-exception":
                throw new RunException("the region file is not there");
            case "missing-argument":
                _ = new Pulumi.Aws.Eks.Cluster("cluster", new() { RoleArn = null! });
                break;
            case "logs-error":
                Log.Error("the power contract has run out");
                return new Dictionary<string, object?> { ["still"] = "here" };
            case "hundred":
                return Hundred();
            case "three":
                return Three();
            case "circle":
                _ = new Circle("ring");
                break;
            case "own-tail":
                _ = new OwnTail("ring");
                break;
            case "task-argument":
                _ = new BadArguments("bad", Task.FromResult("late"));
                break;
            case "odd-argument":
                _ = new BadArguments("bad", 12.5m);
                break;
            case "functions":
                return Functions();
            case "reference":
                return Reference();
            default:
                throw new RunException($"no program is called '{name}'");
        }
        return ImmutableDictionary<string, object?>.Empty;
    }

    private static string NoSuchName(string urn) => throw new NotSupportedException("no such name");

    private static Dictionary<string, object?> Hundred()
    {
        var maps = Enumerable.Range(0, 100).Select(number => new ConfigMap($"map-{number:00}", new ConfigMapArgs
        {
            Metadata = new ObjectMetaArgs { Name = $"map-{number:00}" },
            Data = { { "number", $"{number}" } },
        })).ToList();
        return new() { ["ids"] = Output.All(maps.Select(map => map.Id)) };
    }

    /// <summary>
    /// The second depends on the first and the third on both, so that a failure in one shows in the others.
    /// </summary>
    private static Dictionary<string, object?> Three()
    {
        var first = new Namespace("first", new NamespaceArgs { Metadata = new ObjectMetaArgs { Name = "first" } });
        var second = new ConfigMap("second", new ConfigMapArgs { Data = { { "of", first.Id } } });
        var third = new ConfigMap(
            "third", new ConfigMapArgs { Data = { { "of", second.Id } } },
            new CustomResourceOptions { DependsOn = first });
        return new() { ["first"] = first.Id, ["third"] = third.Id };
    }

    private static Dictionary<string, object?> Functions()
    {
        var provider = new Provider("aws", new ProviderArgs { Region = "eu-central-1" });
        var space = new Namespace("space");
        var options = new InvokeOptions { Provider = provider };
        return new()
        {
            ["zones"] = GetAvailabilityZones.Invoke(new() { State = "available" }, options).Apply(zones => zones.Names),
            ["guarded"] = GetAvailabilityZones.Invoke(new() { State = Output.CreateSecret("available") }, options)
                .Apply(zones => zones.Names),
            ["later"] = GetAvailabilityZones.Invoke(new() { State = space.Id }, options).Apply(zones => zones.Names),
        };
    }

    private static Dictionary<string, object?> Reference()
    {
        var other = new StackReference("org/network/dev");
        return new()
        {
            ["open"] = other.RequireOutput("open"),
            ["hidden"] = other.GetOutput("hidden"),
            ["absent"] = other.GetOutput("absent"),
        };
    }

    private sealed class Circle : ComponentResource
    {
        public Circle(string name)
            : base("sample:index:Circle", name)
        {
            var later = new TaskCompletionSource<Resource>();
            var first = new Inner($"{name}-first", new ComponentResourceOptions
            {
                Parent = this,
                DependsOn = Output.Create(later.Task),
            });
            later.SetResult(new Namespace($"{name}-second", null, new CustomResourceOptions { Parent = first }));
        }

        private sealed class Inner(string name, ComponentResourceOptions options)
            : ComponentResource("sample:index:Inner", name, options);
    }

    private sealed class OwnTail : ComponentResource
    {
        public OwnTail(string name)
            : base("sample:index:OwnTail", name) =>
            _ = new Namespace($"{name}-space", null, new CustomResourceOptions { Parent = this, DependsOn = this });
    }

    private sealed class BadArguments(string name, object value)
        : CustomResource("sample:index:Bad", name, new Arguments { Value = value })
    {
        private sealed class Arguments : ResourceArgs
        {
            [Input("value")]
            public object? Value { get; set; }
        }
    }
}
