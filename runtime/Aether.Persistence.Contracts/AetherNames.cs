namespace Aether.Persistence.Contracts;

/// <summary>Labels, annotations, ports and paths that operator, agent and users share.</summary>
public static class AetherNames
{
    /// <summary>API group of the custom resources, and prefix of labels and annotations.</summary>
    public const string Group = "persistence.aether.dev";

    /// <summary>Pod label that names the world of a pod; the webhook selects pods by it.</summary>
    public const string WorldLabel = "persistence.aether.dev/world";

    /// <summary>
    /// Annotation by which a new WorldPersistence adopts the stores retained from the WorldPersistence with this UID.
    /// </summary>
    public const string AdoptAnnotation = "persistence.aether.dev/adopt-uid";

    /// <summary>
    /// JetStream stream of a backend that keeps the last report of every agent; it belongs to the operator.
    /// </summary>
    public const string ReportStream = "AETHER_REPORTS";

    /// <summary>The subjects of <see cref="ReportStream"/>: the reports of all worlds.</summary>
    public const string ReportSubjects = "aether.*.report.*";

    /// <summary>
    /// Table of a world's schema that keeps the last report of each of its agents, if they have no NATS user.
    /// </summary>
    public const string ReportTable = "agent_reports";

    /// <summary>Name of the injected container.</summary>
    public const string AgentContainer = "aether-agent";

    /// <summary>Port of /healthz, /readyz and /metrics on the pod's address.</summary>
    public const int HealthPort = 9464;

    /// <summary>Folder of the sockets, in the agent and in the world's containers.</summary>
    public const string SocketDirectory = "/run/aether";

    /// <summary>Name of the gRPC socket within its folder.</summary>
    public const string SocketFile = "agent.sock";

    /// <summary>Name of the JSON API's socket within its folder.</summary>
    public const string HttpSocketFile = "http.sock";

    /// <summary>
    /// Largest gRPC message that an agent accepts. It exceeds the limit of a commit, so that a world whose commit is
    /// too large gets the limit and the size from the agent.
    /// </summary>
    public const int MaxMessageBytes = 16 << 20;

    /// <summary>Folder of the log in the agent.</summary>
    public const string WalDirectory = "/var/lib/aether/wal";

    /// <summary>Folder of the world's Secret in the agent.</summary>
    public const string ConfigDirectory = "/etc/aether";
}
