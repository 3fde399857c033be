using Google.Protobuf.WellKnownTypes;

namespace ControlPlane.Cli.Stacks;

/// <summary>Answers for data sources that only a cloud could really answer.</summary>
internal static class StandInAnswers
{
    private const string NoId = "00000000-0000-0000-0000-000000000000";

    private static readonly string[] OfferTexts =
        ["availabilityZone", "currencyCode", "endDateRange", "id", "startDateRange", "tenancy", "upfrontFee"];

    /// <summary>What a data source is answered; null for one that nothing is known of.</summary>
    public static Struct? Of(string token, Struct arguments) => token switch
    {
        "aws:index/getAvailabilityZones:getAvailabilityZones" => Zones(Text(arguments, "region") ?? "region"),
        "aws:index/getCallerIdentity:getCallerIdentity" =>
            Map(Empty("accountId", "arn", "id", "userId")),
        "aws:ec2/getCapacityBlockOffering:getCapacityBlockOffering" => Offer(arguments),
        "azure:core/getClientConfig:getClientConfig" =>
            Map([("id", ""), ("clientId", NoId), ("objectId", NoId), ("subscriptionId", NoId), ("tenantId", NoId)]),
        _ => null,
    };

    private static Struct Zones(string region)
    {
        var names = Value.ForList([.. "abc".Select(letter => Value.ForString(region + letter))]);
        var answer = Map([("id", region), ("region", region)]);
        answer.Fields["names"] = names;
        answer.Fields["zoneIds"] = names;
        answer.Fields["groupNames"] = Value.ForList(Value.ForString(region));
        return answer;
    }

    private static Struct Offer(Struct arguments)
    {
        var answer = arguments.Clone();
        answer.Fields["capacityBlockOfferingId"] = Value.ForString("cb-not-asked-for");
        foreach (var (name, value) in Empty(OfferTexts)) answer.Fields[name] = Value.ForString(value);
        return answer;
    }

    private static IEnumerable<(string Name, string Value)> Empty(params string[] names) =>
        names.Select(name => (name, ""));

    private static Struct Map(IEnumerable<(string Name, string Value)> fields)
    {
        var map = new Struct();
        foreach (var (name, value) in fields) map.Fields[name] = Value.ForString(value);
        return map;
    }

    private static string? Text(Struct map, string name) =>
        map.Fields.TryGetValue(name, out var value) && value.HasStringValue ? value.StringValue : null;
}
