using System.Text.Json.Nodes;
using ControlPlane.Traces;

namespace ControlPlane.Server.Tests.Trace;

/// <summary>Asks for a place for each pod of the trace, in the words of the placement API.</summary>
internal static class TraceRequests
{
    /// <summary>The body of one call for many pods.</summary>
    public static string Batch(IEnumerable<TracePod> pods) =>
        new JsonObject { ["requests"] = new JsonArray([.. pods.Select(Request)]) }.ToJsonString();

    private static JsonObject Request(TracePod pod)
    {
        var request = new JsonObject
        {
            ["tenant"] = "openb",
            ["workload"] = pod.Name,
            ["kind"] = "batch",
            ["dataClass"] = "public",
            ["cpuMilli"] = pod.CpuMilli,
            ["memoryMib"] = pod.MemoryMib,
        };
        if (pod.Gpus == 0) return request;
        var accelerators = new JsonObject();
        if (pod.IsShare) accelerators["shareMilli"] = pod.GpuMilli;
        else accelerators["count"] = pod.Gpus;
        if (pod.Models.Length > 0)
        {
            accelerators["skus"] = new JsonArray(
                [.. pod.Models.Split('|').Distinct().Select(model => JsonValue.Create(TraceFleet.SkuOf(model)))]);
        }

        request["accelerators"] = accelerators;
        return request;
    }
}
