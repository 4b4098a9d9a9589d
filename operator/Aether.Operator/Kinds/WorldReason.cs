namespace Aether.Operator.Kinds;

/// <summary>
/// Reasons of the condition Ready of worlds and backends. The names are part of the API: they appear in the condition
/// as they are.
/// </summary>
internal enum WorldReason
{
    /// <summary>True: every store is ready.</summary>
    AllStoresReady,

    /// <summary>The stores are being created.</summary>
    Provisioning,

    /// <summary>At least one store is not ready; its own condition says why.</summary>
    StoresNotReady,

    /// <summary>The stores are ready, but the world's agent failed, and no agent has served the world since.</summary>
    AgentFailed,

    /// <summary>The resource is being deleted while a pod holds the world.</summary>
    WriterLive,

    /// <summary>The spec violates a rule; the message names the fields.</summary>
    InvalidSpec,

    /// <summary>spec.paused is set.</summary>
    Paused,

    /// <summary>The named PersistenceBackend does not exist.</summary>
    BackendNotFound,

    /// <summary>The backend's spec violates a rule.</summary>
    InvalidBackend,

    /// <summary>The backend does not allow the world's namespace.</summary>
    NamespaceNotAllowed,

    /// <summary>The backend belongs to another shard than the world.</summary>
    OtherShard,

    /// <summary>The backend has as many worlds as it may have.</summary>
    BackendFull,

    /// <summary>A Secret that the backend names, or a key of it, does not exist.</summary>
    SecretNotFound,

    /// <summary>A client certificate in a Secret of the backend has expired, or is not valid yet.</summary>
    CertificateExpired,

    /// <summary>The operator lacks the right to read a Secret of the backend.</summary>
    SecretForbidden,

    /// <summary>A Secret under the world's name exists and is not the operator's.</summary>
    SecretConflict,

    /// <summary>The API server refuses the world's Secret; the message quotes it.</summary>
    SecretRefused,

    /// <summary>The resource is being deleted, and a store could not be cleaned up.</summary>
    DeletionBlocked,

    /// <summary>The backend lacks a store that the operator needs.</summary>
    NotInBackend,

    /// <summary>A Secret's content is unusable.</summary>
    InvalidCredentials,
}
