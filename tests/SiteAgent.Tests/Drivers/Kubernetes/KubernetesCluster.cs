using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ControlPlane.Regions.Stacks;
using ControlPlane.SiteAgent.Drivers.Kubernetes;
using ControlPlane.SiteAgent.Hosting;

namespace ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

/// <summary>
/// Runs a real API server with etcd, controller manager and scheduler on loopback, and plays the kubelets of two nodes.
/// The agent speaks to it with the rights that our stacks give it, and no others.
/// </summary>
internal sealed class KubernetesCluster : IAsyncDisposable
{
    public const string Tenant = "tenant-klinik-nord";

    private readonly string folder = Directory.CreateTempSubdirectory("cplane-kubernetes-").FullName;
    private readonly int[] ports = FreePorts(5);
    private readonly List<Process> processes = [];
    private FakeKubelet? kubelet;

    public Uri Url => new($"https://127.0.0.1:{ports[0]}/");

    public static async Task<KubernetesCluster> StartAsync()
    {
        var cluster = new KubernetesCluster();
        cluster.WriteFiles();
        await cluster.BeginAsync();
        return cluster;
    }

    /// <summary>Starts the programs, again on the same state when they were killed.</summary>
    public async Task BeginAsync()
    {
        var etcd = $"http://127.0.0.1:{ports[1]}";
        var peer = $"http://127.0.0.1:{ports[2]}";
        Run("etcd", "--data-dir", "etcd", "--listen-client-urls", etcd, "--advertise-client-urls", etcd,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"default={peer}");
        Run("kube-apiserver", "--etcd-servers", etcd, "--bind-address=127.0.0.1", "--secure-port", $"{ports[0]}",
            "--tls-cert-file=api.crt", "--tls-private-key-file=api.key", "--client-ca-file=ca.crt",
            "--token-auth-file=tokens.csv", "--authorization-mode=RBAC", "--service-account-key-file=sa.key",
            "--service-account-signing-key-file=sa.key", "--service-account-issuer=https://127.0.0.1",
            "--api-audiences=test", "--service-cluster-ip-range=10.0.0.0/24", "--cert-dir=api-certs");
        await UntilReadyAsync();
        // These give up when the server does not answer within ten seconds.
        Run("kube-controller-manager", "--kubeconfig=kubeconfig", "--service-account-private-key-file=sa.key",
            "--root-ca-file=ca.crt", "--bind-address=127.0.0.1", "--port=0", "--secure-port", $"{ports[3]}",
            "--cert-dir=controller-certs", "--leader-elect=false");
        Run("kube-scheduler", "--kubeconfig=kubeconfig", "--bind-address=127.0.0.1", "--port=0", "--secure-port",
            $"{ports[4]}", "--cert-dir=scheduler-certs", "--leader-elect=false");
        await FillAsync();
        kubelet = new FakeKubelet(Api("admin-token", Handler()));
        await kubelet.BeginAsync();
    }

    /// <summary>Kills everything; a graceful stop would wait for open watches.</summary>
    public async Task KillAsync()
    {
        if (kubelet is not null) await kubelet.DisposeAsync();
        kubelet = null;
        foreach (var process in processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        processes.Clear();
    }

    /// <summary>Deletes all work: what one promise leaves would take the accelerators of the next.</summary>
    public async Task ClearAsync()
    {
        using var handler = Handler();
        var api = Api("admin-token", handler);
        var until = DateTime.UtcNow.AddSeconds(60);
        while ((await api.ListAsync(KubernetesNames.AllPods, "", CancellationToken.None)).Items.Count > 0)
        {
            if (DateTime.UtcNow > until) throw new TimeoutException("pods of deleted work do not go");
            foreach (var (list, kind) in KubernetesView.Kinds(Tenant).Where(listed => listed.Kind != "Pod"))
            {
                foreach (var item in (await api.ListAsync(list, "", CancellationToken.None)).Items)
                    await api.DeleteAsync($"{list}/{(string)item["metadata"]!["name"]!}", CancellationToken.None);
            }

            await Task.Delay(100);
        }
    }

    public FakeKubelet Kubelet => kubelet!;

    public SocketsHttpHandler Handler() => Trust.Handler(Path.Combine(folder, "ca.crt"));

    public KubernetesApi Api(string token, HttpMessageHandler handler) => new(
        new HttpClient(handler, disposeHandler: false) { BaseAddress = Url, Timeout = Timeout.InfiniteTimeSpan },
        () => token);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task UntilReadyAsync()
    {
        using var http = new HttpClient(Handler()) { BaseAddress = Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", "admin-token");
        var until = DateTime.UtcNow.AddSeconds(90);
        while (true)
        {
            try
            {
                if ((await http.GetAsync("readyz")).IsSuccessStatusCode) return;
            }
            catch (Exception early) when (early is HttpRequestException or OperationCanceledException)
            {
                // Not listening yet, or not answering.
            }

            if (DateTime.UtcNow > until) throw new TimeoutException("the API server is not ready");
            await Task.Delay(250);
        }
    }

    // What the stack of a region makes: the tenant's namespace, priority classes, and the agent's rights.
    private async Task FillAsync()
    {
        using var handler = Handler();
        var api = Api("admin-token", handler);
        var plan = new AgentPlan { Image = "none", ControlPlaneUrl = "none" };
        await PutAsync(api, "api/v1/namespaces", new() { ["metadata"] = Named(Tenant) });
        foreach (var band in PriorityBand.All)
        {
            await PutAsync(api, "apis/scheduling.k8s.io/v1/priorityclasses", new()
            {
                ["metadata"] = Named(band.Name), ["value"] = band.Value,
            });
        }

        const string Rbac = "apis/rbac.authorization.k8s.io/v1";
        var user = new JsonArray
        {
            new JsonObject { ["kind"] = "User", ["name"] = "agent", ["apiGroup"] = "rbac.authorization.k8s.io" },
        };
        foreach (var (path, kind, allowed) in new[]
        {
            ("", "ClusterRole", plan.Permissions), ($"/namespaces/{Tenant}", "Role", plan.TenantPermissions),
        })
        {
            await PutAsync(api, $"{Rbac}{path}/{kind.ToLowerInvariant()}s", new()
            {
                ["metadata"] = Named("agent"), ["rules"] = Rules(allowed),
            });
            await PutAsync(api, $"{Rbac}{path}/{kind.ToLowerInvariant()}bindings", new()
            {
                ["metadata"] = Named("agent"),
                ["roleRef"] = new JsonObject
                {
                    ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = kind, ["name"] = "agent",
                },
                ["subjects"] = user.DeepClone(),
            });
        }
    }

    // After a restart everything is there already.
    private static Task<JsonObject?> PutAsync(KubernetesApi api, string path, JsonObject body) =>
        api.CreateAsync(path, body, CancellationToken.None);

    private static JsonObject Named(string name) => new() { ["name"] = name };

    private static JsonArray Rules(Seq<AgentAccess> allowed) => new([.. allowed.Select(access => new JsonObject
    {
        ["apiGroups"] = new JsonArray { access.Group },
        ["resources"] = new JsonArray([.. access.Kinds.Select(kind => (JsonNode)kind)]),
        ["verbs"] = new JsonArray([.. access.Verbs.Select(verb => (JsonNode)verb)]),
    })]);

    private void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("log=$1; shift; exec \"$@\" >>\"$log\" 2>&1");
        foreach (var argument in new[] { "sh", $"{program}.log", Path.Combine(Parts.Kubernetes!, program) })
            start.ArgumentList.Add(argument);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        processes.Add(Process.Start(start)!);
    }

    private void WriteFiles()
    {
        using var caKey = RSA.Create(2048);
        var (hash, padding) = (HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var caRequest = new CertificateRequest("CN=test-ca", caKey, hash, padding);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var ca = caRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, hash, padding);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(ca, ca.NotBefore, ca.NotAfter, [1, 2, 3, 4]);
        using var accounts = RSA.Create(2048);
        File.WriteAllText(Path.Combine(folder, "ca.crt"), ca.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "api.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "api.key"), key.ExportRSAPrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, "sa.key"), accounts.ExportRSAPrivateKeyPem());
        const string Tokens = "admin-token,admin,admin,\"system:masters\"\nagent-token,agent,agent\n";
        File.WriteAllText(Path.Combine(folder, "tokens.csv"), Tokens);
        File.WriteAllText(Path.Combine(folder, "kubeconfig"), $$$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "{{{Url}}}", certificate-authority: {{{folder}}}/ca.crt}}]
            users: [{name: u, user: {token: admin-token}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            current-context: x
            """);
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Dispose();
        return ports;
    }
}
