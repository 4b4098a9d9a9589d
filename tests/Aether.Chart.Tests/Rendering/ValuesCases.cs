using Aether.TestServers;

namespace Aether.Chart.Tests.Rendering;

/// <summary>Values that platform engineers set, each for a reason of its own, and all at once.</summary>
internal static class ValuesCases
{
    private const string Backend = """
        backend:
          create: true
          postgres: {host: postgres.svc, database: aether, adminSecretRef: {name: pg}, caSecretRef: {name: pg-ca}}
          redis: {endpoint: "redis.stores.svc:6379", tls: true, adminSecretRef: {name: redis, namespace: lobby}}
          nats: {urls: ["nats://nats.stores.svc:4222"], credentialsSecretRef: {name: nats}}
          allowedNamespaces: [games, lobby]
        """;

    private const string Pods = """
        image: {repository: registry.example:5000/team/operator, digest: "sha256:@DIGEST@", pullPolicy: Always}
        agent: {image: {repository: registry.example:5000/team/agent, tag: 1.2.3}}
        imagePullSecrets: [{name: pull}]
        priorityClassName: system-cluster-critical
        resources: {requests: {cpu: 1, memory: 256Mi}, limits: {cpu: "2"}}
        podLabels: {team: games}
        podAnnotations: {note: "yes"}
        nodeSelector: {kubernetes.io/os: linux}
        tolerations: [{key: control, operator: Exists, effect: NoSchedule}]
        affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms:
          [{matchExpressions: [{key: kind, operator: In, values: [system]}]}]}}}
        topologySpreadConstraints: []
        terminationGracePeriodSeconds: 60
        listenAddress: "[::]"
        logLevel: Debug
        """;

    private const string Network = """
        networkPolicy:
          enabled: true
          webhookFrom: [{ipBlock: {cidr: 10.0.0.0/8}}]
          metricsFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
          egress: [{ports: [{port: 443, protocol: TCP}]}]
        """;

    private const string CertManager = "webhook: {certificate: {provider: CertManager}, excludedNamespaces: [lobby]}";

    private const string Monitoring = """
        monitoring:
          prometheusRule: {enabled: true, labels: {release: prometheus}, thresholds: {rpoSeconds: 5}}
          dashboards: {enabled: true}
        """;

    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["defaults"] = "",
        ["one replica"] = "{replicas: 1, leaderElection: {enabled: false}}",
        ["without rights of its own"] = """
            rbac: {create: false, userRoles: false}
            serviceAccount: {create: false, name: mine}
            crds: {install: false}
            """,
        ["some namespaces"] = "watchNamespaces: [games, lobby]",
        ["cert-manager"] = CertManager,
        ["an issuer of cert-manager's"] =
            "webhook: {certificate: {provider: CertManager, issuerRef: {kind: ClusterIssuer, name: corporate}}}",
        ["a backend"] = Backend,
        ["a backend with PostgreSQL alone"] =
            "backend: {create: true, postgres: {host: postgres.svc, database: aether, adminSecretRef: {name: pg}}}",
        ["the quick start with Redis and NATS"] =
            Sample("values.yaml") + Sample("more-values.yaml").Split("backend:\n")[1],
        ["pods in every respect"] = Pods.Replace("@DIGEST@", new string('a', 64), StringComparison.Ordinal),
        ["network policy"] = Network,
        ["pod monitors"] = "podMonitor: {enabled: true, interval: 1m, labels: {release: prometheus}}",
        ["alerts and dashboards"] = Monitoring,
        ["a service monitor"] = "serviceMonitor: {enabled: true, labels: {release: prometheus}}",
        ["all at once"] = string.Join(
            '\n', "watchNamespaces: [games]", "podMonitor: {enabled: true}", Backend, Network, CertManager, Monitoring,
            Pods.Replace("@DIGEST@", new string('b', 64), StringComparison.Ordinal)),
    };

    /// <summary>Their names, for theories.</summary>
    public static TheoryData<string> Names => [.. All.Keys];

    private static string Sample(string name) =>
        File.ReadAllText(Clone.PathOf("config", "samples", "quickstart", name));
}
