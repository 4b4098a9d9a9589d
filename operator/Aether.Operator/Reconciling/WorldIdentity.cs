using System.Diagnostics.CodeAnalysis;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Resolving;

namespace Aether.Operator.Reconciling;

/// <summary>
/// The identities that a world's data carries. The mark of the schema is authoritative; status and Secret repeat it. No
/// agent gets a Secret before the identity is known: an agent could otherwise mark a new volume with the UID of a
/// resource that then adopts an older world, and would later refuse that volume.
/// </summary>
/// <param name="Identities">The identities; new data gets the first. Empty if they are unknown.</param>
/// <param name="Obstacle">Why the identities are unknown; null if they are known.</param>
internal sealed record WorldIdentity(IReadOnlyList<string> Identities, ProvisioningException? Obstacle)
{
    /// <summary>
    /// The inspection that found nothing of the world in PostgreSQL; null if there is something, or no inspection was
    /// needed.
    /// </summary>
    public StoreInspection? Nothing { get; init; }

    /// <summary>Whether the identities are known.</summary>
    [MemberNotNullWhen(false, nameof(Obstacle))]
    public bool IsKnown => Obstacle is null;

    /// <summary>Determines the identities; inspects PostgreSQL only if neither status nor Secret names them.</summary>
    /// <param name="world">The world.</param>
    /// <param name="secret">Its Secret, or that of an earlier resource of its name.</param>
    /// <param name="postgres">The provisioner of PostgreSQL.</param>
    /// <param name="request">The world's request, without identities and accepted losses.</param>
    /// <param name="cancellationToken">Cancels the inspection.</param>
    /// <exception cref="BackendException">The Secret belongs to a world that is not in PostgreSQL.</exception>
    public static async Task<WorldIdentity> FindAsync(
        WorldPersistence world,
        FoundSecret secret,
        IStoreProvisioner postgres,
        ProvisioningRequest request,
        CancellationToken cancellationToken)
    {
        if (secret.IsOwn || secret.Secret is null)
        {
            if (world.Status.Stores?.Identities is { Count: > 0 } recorded)
                return new WorldIdentity([.. recorded], null);
            if (secret is { IsOwn: true, Identities: { Count: > 0 } own })
                return new WorldIdentity(own, null);

            // The user has accepted the loss of the world's data: no remaining data can carry another identity.
            if (WorldOwners.AcceptsLoss(world))
                return new WorldIdentity([world.Metadata.Uid], null);
        }

        return await InspectAsync(world, secret, postgres, request, cancellationToken);
    }

    private static async Task<WorldIdentity> InspectAsync(
        WorldPersistence world,
        FoundSecret secret,
        IStoreProvisioner postgres,
        ProvisioningRequest request,
        CancellationToken cancellationToken)
    {
        StoreInspection inspection;
        try
        {
            inspection = await postgres.InspectAsync(request, cancellationToken);
            if (inspection.Identities is { } identities)
                return new WorldIdentity(identities, null);
        }
        catch (ProvisioningException exception)
        {
            return new WorldIdentity([], exception);
        }

        return secret.Secret is null
            ? new WorldIdentity([world.Metadata.Uid], null) { Nothing = inspection }
            : throw new BackendException(WorldReason.SecretConflict,
                $"Secret '{secret.Secret.Metadata.NamespaceProperty}/{secret.Secret.Metadata.Name}' belongs to an "
                + $"earlier resource with UID {secret.Uid}, and PostgreSQL at {request.Backend.Postgres.Address} holds "
                + "nothing of that world, so nothing was created. To continue that world, restore its stores and "
                + $"annotate this one with {Aether.Persistence.Contracts.AetherNames.AdoptAnnotation}={secret.Uid}. To "
                + "start with an empty world, remove the Secret.");
    }
}
