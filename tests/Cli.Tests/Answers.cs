namespace ControlPlane.Cli.Tests;

/// <summary>Answers as the server writes them, for one site in Germany and one in the United States.</summary>
internal static class Answers
{
    public const string Id = "0199a000-0000-7000-8000-000000000001";

    public const string Request = """
        tenant: klinik-nord
        workload: triage-llm
        kind: service
        dataClass: health
        residency: ["DE"]
        cpuMilli: 4000
        memoryMib: 8192
        accelerators: { count: 1 }
        """;

    private const string Head = $$"""
        "id":"{{Id}}","position":7,"decidedAt":"2026-03-01T12:00:00.0000000Z","policyDigest":"ab12","engineVersion":1,
        "tenant":"klinik-nord","workload":"triage-llm"
        """;

    private const string Placement = """
        "placement":{"places":[{"region":"de-one","jurisdiction":"DE","site":"de-one-a","cluster":"de-one-a-k8s",
        "scheduler":"kubernetes","provider":"onprem","providerRegion":"floor","nodePool":"de-one-a-h100","sku":"h100",
        "units":1,"nodes":[{"node":"de-one-a-h100-0003","ordinal":3,"units":1,"devices":[0],"shareMilli":0}]}],
        "score":250,"usdPerHour":2.5,"facilityKilowatts":1.2}
        """;

    private const string Trials = """
        {"region":"us-one","site":"us-one-a","cluster":"us-one-a-k8s","nodePool":"us-one-a-h100","sku":"h100",
        "outcome":"denied","units":0,"verdicts":[{"kind":"law","reason":"law.residency","rule":"request/residency",
        "result":"denied","because":"US is none of DE"}]}
        """;

    private const string Chosen = """
        {"region":"de-one","site":"de-one-a","cluster":"de-one-a-k8s","nodePool":"de-one-a-h100","sku":"h100",
        "outcome":"chosen","units":1,"verdicts":[],"score":{"cost":250},"usdPerHour":2.5}
        """;

    public const string Bound = $$"""
        {"outcome":"bound",{{Head}},"epoch":1,{{Placement}}}
        """;

    public const string BoundAndExplained = $$"""
        {"outcome":"bound",{{Head}},"epoch":1,{{Placement}},
        "explanation":{"candidates":2,"trials":[{{Chosen}},{{Trials}}]} }
        """;

    public const string Held = $$"""
        {"outcome":"held",{{Head}},"holdUntil":"2026-03-01T12:10:00.0000000Z",{{Placement}}}
        """;

    public const string Planned = $$"""
        {"outcome":"planned","position":7,"decidedAt":"2026-03-01T12:00:00.0000000Z","policyDigest":"ab12",
        "engineVersion":1,"tenant":"klinik-nord","workload":"triage-llm",{{Placement}}}
        """;

    public const string Refused = $$"""
        {"outcome":"refused",{{Head}},"refusal":{"reason":"no-lawful-region","detail":"law permits none of 1 sites",
        "contradicting":[],"nearestChange":null,"reasons":[{"reason":"law.residency","kind":"law",
        "rule":"request/residency","sites":1,"detail":"US is none of DE","negotiable":false}]} }
        """;

    public const string Replayed = $$"""
        {"id":"{{Id}}","position":7,"same":true,"recordedDigest":"aa","replayedDigest":"aa","engineVersion":1,
        "outcome":"bound",{{Placement}}}
        """;

    public const string FirstRegions = """
        {"regions":[{"id":"us-one","name":"US, one","jurisdiction":"US","operator":"bigco","sites":["us-one-a"],
        "accelerators":32,"acceleratorsFree":30,"accessLaws":["US_CLOUD_ACT"]}],"nextPageToken":"p2"}
        """;

    public const string LastRegions = """
        {"regions":[{"id":"de-one","name":"DE one","jurisdiction":"DE","operator":"acme","sites":["de-one-a"],
        "accelerators":32,"acceleratorsFree":8,"accessLaws":[]}],"nextPageToken":""}
        """;
}
