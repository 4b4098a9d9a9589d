namespace Aether.Operator.Kinds;

/// <summary>Reasons of the condition Ready, beside those of the stores.</summary>
internal static class WorldReasons
{
    /// <summary>Type of the condition that sums the others up.</summary>
    public const string Ready = "Ready";

    /// <summary>True: every store is ready.</summary>
    public const string AllStoresReady = "AllStoresReady";

    /// <summary>The stores are being made.</summary>
    public const string Provisioning = "Provisioning";

    /// <summary>At least one store is not ready; its own condition says why.</summary>
    public const string StoresNotReady = "StoresNotReady";

    /// <summary>
    /// The stores are ready, and the world's agent cannot serve the world; no other one has done so since.
    /// </summary>
    public const string AgentFailed = "AgentFailed";

    /// <summary>The resource is being deleted while a pod holds the world.</summary>
    public const string WriterLive = "WriterLive";

    /// <summary>The spec breaks a rule; the message names the fields.</summary>
    public const string InvalidSpec = "InvalidSpec";

    /// <summary>spec.paused is set.</summary>
    public const string Paused = "Paused";

    /// <summary>There is no PersistenceBackend of that name.</summary>
    public const string BackendNotFound = "BackendNotFound";

    /// <summary>The backend's spec breaks a rule.</summary>
    public const string InvalidBackend = "InvalidBackend";

    /// <summary>The backend does not allow the world's namespace.</summary>
    public const string NamespaceNotAllowed = "NamespaceNotAllowed";

    /// <summary>A Secret that the backend names, or a key of it, does not exist.</summary>
    public const string SecretNotFound = "SecretNotFound";

    /// <summary>A client certificate in a Secret that the backend names has expired, or is not valid yet.</summary>
    public const string CertificateExpired = "CertificateExpired";

    /// <summary>The operator has no right to read a Secret that the backend names.</summary>
    public const string SecretForbidden = "SecretForbidden";

    /// <summary>A Secret by the name of the world's exists and is not the operator's.</summary>
    public const string SecretConflict = "SecretConflict";

    /// <summary>The API server does not take the world's Secret; the message has its words.</summary>
    public const string SecretRefused = "SecretRefused";

    /// <summary>The resource is being deleted and a store could not be cleaned up.</summary>
    public const string DeletionBlocked = "DeletionBlocked";
}
