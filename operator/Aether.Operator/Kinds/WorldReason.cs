namespace Aether.Operator.Kinds;

/// <summary>
/// Reasons of the condition Ready, of worlds and of backends. The names are part of the API: they are written to the
/// condition as they are here.
/// </summary>
internal enum WorldReason
{
    /// <summary>True: every store is ready.</summary>
    AllStoresReady,

    /// <summary>The stores are being made.</summary>
    Provisioning,

    /// <summary>At least one store is not ready; its own condition says why.</summary>
    StoresNotReady,

    /// <summary>
    /// The stores are ready, and the world's agent cannot serve the world; no other one has done so since.
    /// </summary>
    AgentFailed,

    /// <summary>The resource is being deleted while a pod holds the world.</summary>
    WriterLive,

    /// <summary>The spec breaks a rule; the message names the fields.</summary>
    InvalidSpec,

    /// <summary>spec.paused is set.</summary>
    Paused,

    /// <summary>There is no PersistenceBackend of that name.</summary>
    BackendNotFound,

    /// <summary>The backend's spec breaks a rule.</summary>
    InvalidBackend,

    /// <summary>The backend does not allow the world's namespace.</summary>
    NamespaceNotAllowed,

    /// <summary>A Secret that the backend names, or a key of it, does not exist.</summary>
    SecretNotFound,

    /// <summary>A client certificate in a Secret that the backend names has expired, or is not valid yet.</summary>
    CertificateExpired,

    /// <summary>The operator has no right to read a Secret that the backend names.</summary>
    SecretForbidden,

    /// <summary>A Secret by the name of the world's exists and is not the operator's.</summary>
    SecretConflict,

    /// <summary>The API server does not take the world's Secret; the message has its words.</summary>
    SecretRefused,

    /// <summary>The resource is being deleted and a store could not be cleaned up.</summary>
    DeletionBlocked,

    /// <summary>The backend lacks a store that something of the operator needs.</summary>
    NotInBackend,

    /// <summary>A Secret's content cannot be used.</summary>
    InvalidCredentials,
}
