using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Placements;

/// <summary>Shows bodies that the document of the API offers to try; a test reads each of them.</summary>
internal static class RequestExamples
{
    public static ApiExample Health { get; } = new(
        "health", "Health data in Germany, out of the reach of the US CLOUD Act",
        """
        {
          "tenant": "klinik-nord", "workload": "triage-llm", "kind": "service", "dataClass": "health",
          "residency": ["DE"], "excludeAccessLaws": ["US_CLOUD_ACT"],
          "accelerators": { "count": 8, "minMemoryGib": 79 },
          "cpuMilli": 64000, "memoryMib": 524288, "explain": true
        }
        """);

    public static ApiExample Gang { get; } = new(
        "gang", "Training on 32 accelerators in one fabric domain, all or none",
        """
        {
          "tenant": "lab-eu", "workload": "pretrain", "kind": "gang", "dataClass": "public",
          "residency": ["EU"], "units": 4, "accelerators": { "count": 8, "minTeraflops": { "bf16": 400 } },
          "fabric": "infiniband", "cpuMilli": 96000, "memoryMib": 786432
        }
        """);

    public static ApiExample Batch { get; } = new(
        "batch", "Independent tasks that share accelerators",
        """
        {
          "tenant": "lab-eu", "workload": "embed-archive", "kind": "batch", "dataClass": "public", "units": 16,
          "accelerators": { "shareMilli": 250 }, "cpuMilli": 2000, "memoryMib": 8192, "priority": 10
        }
        """);

    public static ApiExample Spread { get; } = new(
        "spread", "Replicas over at least two regions, without accelerators",
        """
        {
          "tenant": "stadtwerke", "workload": "portal", "kind": "service", "dataClass": "public",
          "residency": ["EU"], "units": 4, "cpuMilli": 4000, "memoryMib": 16384,
          "spread": { "over": "region", "minDomains": 2, "maxSkew": 1 }, "labels": { "app": "portal" }
        }
        """);

    public static ApiExample Full { get; } = new(
        "full", "Every member of a request, except that a unit may have a share of an accelerator instead",
        """
        {
          "tenant": "bank-eu", "workload": "fraud-scoring", "kind": "service", "dataClass": "financial",
          "labels": { "team": "risk" }, "residency": ["EU"], "excludeAccessLaws": ["US_CLOUD_ACT"],
          "regions": { "allow": ["de-stackit", "fr-scaleway-paris"], "deny": ["us-aws-oregon"] }, "units": 2,
          "dataOrigin": "EU", "dataCopies": ["de-stackit"], "datasets": ["fraud-history"], "tenantHome": "DE",
          "artefact": {
            "digest": "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            "signedBy": "model-registry"
          },
          "isolation": "dedicatedNode", "confidential": true,
          "accelerators": {
            "count": 4, "skus": ["nvidia-h100-sxm5-80gb"], "minMemoryGib": 79, "minBandwidthGigabytesPerSecond": 2000,
            "minTeraflops": { "bf16": 400, "fp8": 800, "fp4": 1 }
          },
          "fabric": "infiniband", "cpuMilli": 32000, "memoryMib": 262144,
          "spread": { "over": "site", "minDomains": 2, "maxSkew": 1 }, "homeRegion": "de-stackit", "priority": 100,
          "dependsOn": [{ "workload": "feature-store", "within": "region" }], "runClass": "sticky",
          "deadline": "2100-01-01T00:00:00Z", "explain": true
        }
        """);

    public static ApiExample Hold { get; } = new(
        "hold", "Room for ten minutes",
        """
        {
          "tenant": "klinik-nord", "workload": "triage-llm", "kind": "service", "dataClass": "health",
          "residency": ["DE"], "accelerators": { "count": 8 }, "cpuMilli": 64000, "memoryMib": 524288,
          "holdSeconds": 600
        }
        """);

    public static ApiExample Many { get; } = new(
        "two", "Two requests",
        """
        {
          "requests": [
            {
              "tenant": "lab-eu", "workload": "embed-a", "kind": "batch", "dataClass": "public",
              "accelerators": { "count": 1 }, "cpuMilli": 8000, "memoryMib": 32768
            },
            {
              "tenant": "lab-eu", "workload": "embed-b", "kind": "batch", "dataClass": "public",
              "accelerators": { "count": 1 }, "cpuMilli": 8000, "memoryMib": 32768
            }
          ]
        }
        """);
}
