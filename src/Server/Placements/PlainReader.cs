using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Placements;

/// <summary>
/// Reads requests of the usual form straight from their bytes. Whatever is unusual, let alone wrong, it leaves to
/// <see cref="RequestReader"/>, which finds everything that is wrong; what both read, they read alike.
/// </summary>
internal ref struct PlainReader
{
    private const int MostDepth = 8;

    private readonly ReadOnlySpan<byte> body;
    private readonly KnownTexts known;
    private Utf8JsonReader reader;

    private PlainReader(ReadOnlySpan<byte> body, KnownTexts known)
    {
        this.body = body;
        this.known = known;
        reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MostDepth });
    }

    /// <summary>One request; null when it is not of the usual form.</summary>
    public static Asked? Placement(ReadOnlySpan<byte> body, KnownTexts known)
    {
        if (!Utf8.IsValid(body)) return null;
        try
        {
            var plain = new PlainReader(body, known);
            return plain.reader.Read() && plain.Ask() is { } asked && !plain.reader.Read() ? asked : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The requests of a batch; null when it is not of the usual form.</summary>
    public static List<Asked>? Batch(ReadOnlySpan<byte> body, KnownTexts known)
    {
        if (!Utf8.IsValid(body)) return null;
        try
        {
            var plain = new PlainReader(body, known);
            return plain.AskAll() is { } asked && !plain.reader.Read() ? asked : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private List<Asked>? AskAll()
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName || reader.ValueIsEscaped
            || !reader.ValueSpan.SequenceEqual("requests"u8)) return null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) return null;
        var all = new List<Asked>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (all.Count == RequestLimits.MostRequestsInBatch || Ask() is not { } asked) return null;
            all.Add(asked);
        }

        return all.Count > 0 && reader.Read() && reader.TokenType == JsonTokenType.EndObject ? all : null;
    }

    /// <summary>The request that the reader stands before; null when it is not of the usual form.</summary>
    private Asked? Ask()
    {
        if (reader.TokenType != JsonTokenType.StartObject) return null;
        var draft = new RequestDraft();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueIsEscaped || draft.Place(reader.ValueSpan) is not { } member) return null;
            var start = (int)reader.TokenStartIndex;
            reader.Read();
            if (!(IsNumber(member) ? TakeNumber(ref draft, member) : TakePiece(ref draft, member, start))) return null;
        }

        return reader.TokenType == JsonTokenType.EndObject ? draft.Finish() : null;
    }

    private static bool IsNumber(RequestMember member) => member is RequestMember.Units or RequestMember.Priority
        or RequestMember.CpuMilli or RequestMember.MemoryMib;

    /// <summary>A whole number of digits only, within its bounds.</summary>
    private bool TakeNumber(ref RequestDraft draft, RequestMember member)
    {
        if (reader.TokenType != JsonTokenType.Number
            || !Utf8Parser.TryParse(reader.ValueSpan, out long value, out var length)
            || length != reader.ValueSpan.Length || reader.ValueSpan[0] == (byte)'-') return false;
        return draft.Set(member, value);
    }

    /// <summary>A piece that was met before, or is read as <see cref="RequestReader"/> reads it.</summary>
    private bool TakePiece(ref RequestDraft draft, RequestMember member, int start)
    {
        if (member == RequestMember.Workload)
        {
            if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped) return false;
            // New with every request, so not worth remembering.
            var name = Encoding.UTF8.GetString(reader.ValueSpan);
            if (!FieldReader.IsName(name)) return false;
            draft.Workload = name;
            return true;
        }

        reader.Skip();
        var piece = body[start..(int)reader.BytesConsumed];
        if (known.Find(piece) is not { } meaning)
        {
            if (Meaning(piece, member, known.Fleet) is not { } read) return false;
            known.Add(piece, meaning = read);
        }

        draft.Set(member, meaning);
        return true;
    }

    /// <summary>What a piece means, as the strict reader says; null when there is anything to complain about.</summary>
    private static object? Meaning(ReadOnlySpan<byte> piece, RequestMember member, Fleet fleet)
    {
        if (StrictJson.Parse([(byte)'{', .. piece, (byte)'}']) is not { IsValid: true, Value: BodyObject node })
            return null;
        var wrong = new Complaints();
        // A piece that depends on the day is none of those that come here.
        var references = new RequestReferences(fleet, DateTimeOffset.MaxValue, wrong);
        var fields = new FieldReader(node, wrong);
        object? meaning = member switch
        {
            RequestMember.Tenant => fields.Name("tenant") is { } name ? new TenantId(name) : null,
            RequestMember.DataClass => fields.Name("dataClass") is { } name ? new DataClassId(name) : null,
            RequestMember.Kind => fields.Choice("kind", required: true, WireNames.WorkloadKinds),
            RequestMember.RunClass => fields.Choice("runClass", required: true, WireNames.RunClasses),
            RequestMember.Residency => references.Residency(fields),
            RequestMember.ExcludeAccessLaws => references.AccessLaws(fields),
            RequestMember.Regions => references.Regions(fields, wrong),
            RequestMember.Labels => LabelReader.Read(fields, wrong),
            RequestMember.HomeRegion => references.HomeRegion(fields),
            RequestMember.Accelerators => fields.Object("accelerators") is { } inner
                ? UnitNeedReader.Accelerators(inner, references, wrong)
                : null,
            _ => null,
        };
        fields.Finish();
        return wrong.Any || references.OfTheDay.Any ? null : meaning;
    }
}
