using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>The desired state of a world's stores.</summary>
internal sealed record ProvisioningRequest
{
    public required WorldOwner Owner { get; init; }

    public required WorldNames Names { get; init; }

    public required WorldProfile Profile { get; init; }

    public required BackendAccess Backend { get; init; }

    public required WorldCredentials Credentials { get; init; }

    /// <summary>
    /// Whether the stores are about to switch to these credentials, so that a difference in theirs is no drift.
    /// </summary>
    public bool IsRotating { get; init; }

    /// <summary>Whether the world's schema, and with it its state, existed before.</summary>
    public required bool WasProvisioned { get; init; }

    /// <summary>
    /// Whether the world's journal in JetStream, and with it its acknowledged commits, existed before.
    /// </summary>
    public required bool JournalWasProvisioned { get; init; }

    /// <summary>Whether the user accepted the loss of that state.</summary>
    public required bool LossAccepted { get; init; }

    /// <summary>Number of the last reported diverged tail; 0 if there is none.</summary>
    public required long DivergencesKnown { get; init; }

    /// <summary>Whether a schema must already exist: the world's own, or that of the resource it adopts.</summary>
    public bool ExpectsSchema => WasProvisioned || Owner.AdoptUid is not null;

    /// <summary>
    /// Whether a journal in JetStream must already exist. After an adoption, it is recorded together with the schema.
    /// </summary>
    public bool ExpectsJournal => JournalWasProvisioned || (Owner.AdoptUid is not null && !WasProvisioned);
}
