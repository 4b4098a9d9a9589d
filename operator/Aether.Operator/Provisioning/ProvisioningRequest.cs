using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>What a world is to have in its stores.</summary>
internal sealed record ProvisioningRequest
{
    public required WorldOwner Owner { get; init; }

    public required WorldNames Names { get; init; }

    public required WorldProfile Profile { get; init; }

    public required BackendAccess Backend { get; init; }

    public required WorldCredentials Credentials { get; init; }

    /// <summary>Whether the stores are about to take other credentials, so that theirs differ from these.</summary>
    public bool IsRotating { get; init; }

    /// <summary>Whether the world had its schema before, and so its state in it.</summary>
    public required bool WasProvisioned { get; init; }

    /// <summary>Whether the world had its journal in JetStream before, and so what it acknowledged.</summary>
    public required bool JournalWasProvisioned { get; init; }

    /// <summary>Whether the user accepted the loss of that state.</summary>
    public required bool LossAccepted { get; init; }

    /// <summary>Number of the last diverged tail that was reported; 0 if none was.</summary>
    public required long DivergencesKnown { get; init; }

    /// <summary>Whether a schema must be there already: the world's, or that of the resource it takes over.</summary>
    public bool ExpectsSchema => WasProvisioned || Owner.AdoptUid is not null;

    /// <summary>
    /// Whether a journal in JetStream must be there already. One that takes over has it recorded with the schema.
    /// </summary>
    public bool ExpectsJournal => JournalWasProvisioned || (Owner.AdoptUid is not null && !WasProvisioned);
}
