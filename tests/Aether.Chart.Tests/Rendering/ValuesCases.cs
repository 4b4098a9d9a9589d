using Aether.TestServers;

namespace Aether.Chart.Tests.Rendering;

/// <summary>Values that platform engineers set, each case for its own reason, and one with all of them.</summary>
internal static class ValuesCases
{
    private const string Backend = """
        backend:
          create: true
          postgres:
            {host: postgres.svc, port: 5433, database: aether, adminSecretRef: {name: pg}, caSecretRef: {name: pg-ca}}
          redis: {endpoint: "redis.stores.svc:6379", tls: true, adminSecretRef: {name: redis, namespace: lobby}}
          nats: {urls: ["nats://nats.stores.svc:4222"], credentialsSecretRef: {name: nats}}
          allowedNamespaces: [games, lobby]
        """;

    // Fields that have alternatives, in the other variant than in Backend: together the two set every field. The name
    // of a Secret may look like a number in YAML.
    private const string HardenedBackend = """
        backend:
          create: true
          postgres:
            hosts: [{host: pg-0.stores}, {host: pg-1.stores, port: 5433}]
            targetSessionAttributes: ReadWrite
            preparedStatements: Never
            database: aether
            sslMode: VerifyCA
            caSecretRef: {name: ca, namespace: lobby}
            clientCertificateSecretRef: {name: operator-certificate, namespace: lobby}
            agentClientCertificateSecretRef: {name: agents-certificate, namespace: lobby}
            adminSecretRef: {name: "1e3", namespace: lobby}
          redis:
            sentinel:
              masterName: "0451"
              hosts: [{host: sentinel-0.stores}, {host: sentinel-1.stores, port: 26380}]
              credentialsSecretRef: {name: sentinels, namespace: lobby}
            tls: true
            caSecretRef: {name: ca, namespace: lobby}
            clientCertificateSecretRef: {name: operator-certificate, namespace: lobby}
            agentClientCertificateSecretRef: {name: agents-certificate, namespace: lobby}
            isolation: SharedUser
            adminSecretRef: {name: redis, namespace: lobby}
          nats:
            urls: ["tls://nats-0.stores:4222", "tls://nats-1.stores:4222"]
            domain: hub
            caSecretRef: {name: ca, namespace: lobby}
            clientCertificateSecretRef: {name: operator-certificate, namespace: lobby}
            agentClientCertificateSecretRef: {name: agents-certificate, namespace: lobby}
            credentialsSecretRef: {name: nats, namespace: lobby}
            accountSigningKeySecretRef: {name: signing, namespace: lobby}
            worldUsersSecretRef: {name: users, namespace: lobby}
            sharedCredentials: true
            journalMaxBytes: 4Gi
          allowedNamespaces: [games]
          maxWorlds: 1000
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
        logFormat: Json
        tracing: {OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4317"}
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

    /// <summary>The cases by name.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["defaults"] = "",
        ["one replica"] = "{replicas: 1, leaderElection: {enabled: false}}",
        ["without rights of its own"] = """
            rbac: {create: false, userRoles: false}
            serviceAccount: {create: false, name: mine}
            crds: {install: false}
            """,
        ["shards"] = "{shards: [east, west], podMonitor: {enabled: true}, networkPolicy: {enabled: true}}",
        ["some namespaces"] = "watchNamespaces: [games, lobby]",
        ["cert-manager"] = CertManager,
        ["an issuer of cert-manager's"] =
            "webhook: {certificate: {provider: CertManager, issuerRef: {kind: ClusterIssuer, name: corporate}}}",
        ["a backend"] = Backend,
        ["a backend with PostgreSQL alone"] =
            "backend: {create: true, postgres: {host: postgres.svc, database: aether, adminSecretRef: {name: pg}}}",
        ["a backend with PostgreSQL and Redis"] = """
            backend:
              create: true
              postgres: {host: postgres.svc, database: aether, adminSecretRef: {name: pg}}
              redis: {endpoint: "redis.stores.svc:6379"}
            """,
        ["a backend with PostgreSQL and NATS"] = """
            backend:
              create: true
              postgres: {host: postgres.svc, database: aether, adminSecretRef: {name: pg}}
              nats: {urls: ["nats://nats.stores.svc:4222"]}
            """,
        ["a backend of several servers, with TLS and sentinels"] = HardenedBackend,
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

    /// <summary>Names of the cases, for theories.</summary>
    public static TheoryData<string> Names => [.. All.Keys];

    private static string Sample(string name) =>
        File.ReadAllText(Clone.PathOf("config", "samples", "quickstart", name));
}
