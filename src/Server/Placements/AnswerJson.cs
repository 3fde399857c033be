using System.Buffers;
using System.Numerics;
using System.Text.Json;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Server.Cells;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>
/// Writes decisions as JSON, byte for byte what <see cref="AnswerWriter"/> and the serializer give, without the objects
/// in between. The reasons of a refusal come written out.
/// </summary>
internal sealed class AnswerJson(ElsewhereDesk elsewhere)
{
    private const long FirstEpoch = 1;

    private static readonly JsonSerializerOptions options = Options();

    private static readonly JsonWriterOptions unvalidated = new()
    {
        Encoder = options.Encoder, SkipValidation = true,
    };

    /// <summary>A writer for answers.</summary>
    public static Utf8JsonWriter WriterTo(IBufferWriter<byte> output) => new(output, unvalidated);

    /// <summary>One answer as a text of its own.</summary>
    public ReadOnlyMemory<byte> Bytes(Decided decided, bool explain, Caller caller)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = WriterTo(buffer)) Write(writer, decided, (explain, caller));
        return buffer.WrittenMemory;
    }

    public void Write(Utf8JsonWriter writer, Decided decided, (bool Explain, Caller Caller) to)
    {
        var (item, record) = (decided.Event, decided.Record);
        var placed = item.Decision as Placed;
        if (to.Explain || (placed is null && elsewhere.KnowsOthers))
        {
            var whole = elsewhere.Complete(AnswerWriter.Of(decided, to.Explain), item.Request, to.Caller);
            JsonSerializer.Serialize(writer, whole, options);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("outcome"u8, placed is null ? "refused"u8 : item.HoldUntil is null ? "bound"u8 : "held"u8);
        writer.WriteString("id"u8, item.Id.Value);
        writer.WriteNumber("position"u8, record.Position);
        writer.WriteString("decidedAt"u8, record.At);
        writer.WriteString("policyDigest"u8, item.PolicyDigest);
        writer.WriteNumber("engineVersion"u8, item.EngineVersion);
        writer.WriteString("tenant"u8, item.Request.Tenant.Value);
        writer.WriteString("workload"u8, item.Request.Workload);
        if (placed is not null)
        {
            if (item.HoldUntil is { } until) writer.WriteString("holdUntil"u8, until);
            writer.WriteNumber("epoch"u8, FirstEpoch);
            writer.WritePropertyName("placement"u8);
            Write(writer, placed, item.Request.Unit, decided.Fleet);
            if (placed.Preempted.Count > 0) WriteIds(writer, placed.Preempted);
        }
        else if (decided.Refusal is { } why)
        {
            writer.WritePropertyName("refusal"u8);
            writer.WriteRawValue(why, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    /// <summary>The ones that other answers are written with.</summary>
    private static JsonSerializerOptions Options()
    {
        var json = new Microsoft.AspNetCore.Http.Json.JsonOptions().SerializerOptions;
        HttpEdge.Configure(json);
        return json;
    }

    /// <summary>Why there is no place, as a text of its own.</summary>
    public static byte[] Refusal(Explanation why) =>
        JsonSerializer.SerializeToUtf8Bytes(RefusalWriter.Of(why), options);

    /// <summary>The reasons of a refusal from their text.</summary>
    public static RefusalAnswer? Refusal(byte[]? text) =>
        text is null ? null : JsonSerializer.Deserialize<RefusalAnswer>(text, options);

    private static void Write(Utf8JsonWriter writer, Placed placed, UnitNeed need, Fleet fleet)
    {
        decimal usd = 0;
        long milliwatts = 0;
        writer.WriteStartObject();
        writer.WriteStartArray("places"u8);
        if (placed.Units.Count == 1) Add(fleet.FindPool(placed.Units[0].Node.Pool)!, placed.Units);
        else
        {
            foreach (var ofPool in placed.Units.GroupBy(unit => unit.Node.Pool))
                Add(fleet.FindPool(ofPool.Key)!, ofPool.ToSeq()); // units are in pools of their fleet
        }

        writer.WriteEndArray();
        writer.WriteNumber("score"u8, placed.Score);
        writer.WriteNumber("usdPerHour"u8, usd);
        writer.WriteNumber("facilityKilowatts"u8, milliwatts / 1_000_000m);
        writer.WriteEndObject();

        void Add(FleetPool pool, Seq<UnitBinding> units)
        {
            if (need.NeedsAccelerator) usd += pool.Spec.UsdPerHour * units.Count * need.AcceleratorMilli / 1000;
            milliwatts += pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli) * units.Count;
            WritePlace(writer, pool, units);
        }
    }

    private static void WriteIds(Utf8JsonWriter writer, Seq<DecisionId> preempted)
    {
        writer.WriteStartArray("preempted"u8);
        foreach (var id in preempted.Span) writer.WriteStringValue(id.Value);
        writer.WriteEndArray();
    }

    private static ReadOnlySpan<byte> NameOf(SchedulerKind kind) => kind switch
    {
        SchedulerKind.Kubernetes => "kubernetes"u8,
        SchedulerKind.Slurm => "slurm"u8,
        SchedulerKind.Simulated => "simulated"u8,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static void WritePlace(Utf8JsonWriter writer, FleetPool pool, Seq<UnitBinding> units)
    {
        writer.WriteStartObject();
        writer.WriteString("region"u8, pool.Region.Id.Value);
        writer.WriteString("jurisdiction"u8, pool.Region.Spec.Jurisdiction.Value);
        writer.WriteString("site"u8, pool.Site.Id.Value);
        writer.WriteString("cluster"u8, pool.Cluster.Id.Value);
        writer.WriteString("scheduler"u8, NameOf(pool.Cluster.Spec.Scheduler));
        writer.WriteString("provider"u8, pool.Cluster.Spec.Provider);
        writer.WriteString("providerRegion"u8, pool.Cluster.Spec.ProviderRegion);
        writer.WriteString("nodePool"u8, pool.Id.Value);
        if (pool.Sku is { } sku) writer.WriteString("sku"u8, sku.Id.Value);
        writer.WriteNumber("units"u8, units.Count);
        writer.WriteStartArray("nodes"u8);
        foreach (var unit in units.Span)
        {
            writer.WriteStartObject();
            writer.WriteString("node"u8, unit.Node.ToString());
            writer.WriteNumber("ordinal"u8, unit.Node.Ordinal);
            writer.WriteNumber("units"u8, 1);
            writer.WriteStartArray("devices"u8);
            for (var left = unit.Devices; left != 0; left &= left - 1)
                writer.WriteNumberValue(BitOperations.TrailingZeroCount(left));
            writer.WriteEndArray();
            writer.WriteNumber("shareMilli"u8, unit.ShareMilli);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

/// <summary>Sends one decision: 201 with its path where there is a place, 200 where there is none.</summary>
internal sealed class DecidedAnswer(AnswerJson json, Decided decided, (bool Explain, string Collection) asked) : IResult
{
    public const string MediaType = "application/json; charset=utf-8";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        if (decided.Event.Decision is Placed)
        {
            response.StatusCode = StatusCodes.Status201Created;
            response.Headers.Location = $"/v1/{asked.Collection}/{decided.Event.Id}";
        }

        var body = json.Bytes(decided, asked.Explain, httpContext.Caller());
        response.ContentType = MediaType;
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, httpContext.RequestAborted);
    }
}

/// <summary>Sends the decisions of a batch, in the order of its requests.</summary>
internal sealed class BatchedAnswer(AnswerJson json, Answer[] answers, IReadOnlyList<Place> places) : IResult
{
    private const int AnswersPerFlush = 128;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = DecidedAnswer.MediaType;
        await using var writer = AnswerJson.WriterTo(response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteStartArray("results"u8);
        for (var index = 0; index < answers.Length; index++)
        {
            json.Write(writer, (Decided)answers[index], (places[index].Explain, httpContext.Caller()));
            if (index % AnswersPerFlush != AnswersPerFlush - 1) continue;
            writer.Flush();
            await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }
}
