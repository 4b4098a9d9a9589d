using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>Names that injection adds to pods.</summary>
internal static class InjectionNames
{
    /// <summary>Volume of the sockets.</summary>
    public const string SocketVolume = "aether-socket";

    /// <summary>Volume of the write-ahead log.</summary>
    public const string WalVolume = "aether-wal";

    /// <summary>Volume of the world's Secret.</summary>
    public const string ConfigVolume = "aether-config";

    /// <summary>Name of the port of /healthz, /readyz and /metrics.</summary>
    public const string HealthPort = "aether-health";

    /// <summary>The agent's variable with the pod's address, for use in other variables.</summary>
    public const string PodAddressVariable = "AETHER_POD_IP";

    /// <summary>Annotation: image of the injected agent.</summary>
    public const string ImageAnnotation = AetherNames.Group + "/injected-image";

    /// <summary>
    /// Annotation: hash of everything that was injected. A pod is outdated if an injection now would give another hash.
    /// </summary>
    public const string RevisionAnnotation = AetherNames.Group + "/injected-revision";

    /// <summary>Annotation: how many seconds of the pod's grace period the agent may use to ship its commits.</summary>
    public const string StopGraceAnnotation = AetherNames.Group + "/stop-grace-seconds";

    /// <summary>Annotation: UID of the WorldPersistence that the agent was injected for.</summary>
    public const string WorldUidAnnotation = AetherNames.Group + "/injected-world-uid";
}
