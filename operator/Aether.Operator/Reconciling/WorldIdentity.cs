using System.Diagnostics.CodeAnalysis;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Resolving;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Which identity a world's data carries. The mark of the schema says it, status and Secret repeat it. No agent gets a
/// Secret before it is known: an agent that marked a new volume with the UID of a resource which then takes over an
/// older world would refuse that volume later.
/// </summary>
/// <param name="Identities">The first is the one that new data gets; empty: not known.</param>
/// <param name="Obstacle">Why it is not known; null if it is.</param>
internal sealed record WorldIdentity(IReadOnlyList<string> Identities, ProvisioningException? Obstacle)
{
    /// <summary>Whether it is known.</summary>
    [MemberNotNullWhen(false, nameof(Obstacle))]
    public bool IsKnown => Obstacle is null;

    /// <summary>Finds it out; asks PostgreSQL only where nothing else says it.</summary>
    /// <param name="world">The world.</param>
    /// <param name="secret">Its Secret, or the one of an earlier resource of its name.</param>
    /// <param name="postgres">The provisioner of PostgreSQL.</param>
    /// <param name="request">The world's, with no identity and no loss accepted.</param>
    /// <param name="cancellationToken">Ends the inspection.</param>
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

            // The user has given the world's data up: nothing is left that could carry another identity.
            if (WorldOwners.AcceptsLoss(world))
                return new WorldIdentity([world.Metadata.Uid], null);
        }

        return await AskAsync(world, secret, postgres, request, cancellationToken);
    }

    private static async Task<WorldIdentity> AskAsync(
        WorldPersistence world,
        FoundSecret secret,
        IStoreProvisioner postgres,
        ProvisioningRequest request,
        CancellationToken cancellationToken)
    {
        try
        {
            var inspection = await postgres.InspectAsync(request, cancellationToken);
            if (inspection.Identities is { } identities)
                return new WorldIdentity(identities, null);
        }
        catch (ProvisioningException exception)
        {
            return new WorldIdentity([], exception);
        }

        return secret.Secret is null
            ? new WorldIdentity([world.Metadata.Uid], null)
            : throw new BackendException(WorldReason.SecretConflict,
                $"Secret '{secret.Secret.Metadata.NamespaceProperty}/{secret.Secret.Metadata.Name}' is that of an "
                + $"earlier resource with UID {secret.Uid}, and PostgreSQL at {request.Backend.Postgres.Address} holds "
                + "nothing of that world, so nothing was made. To go on with that world, bring its stores back and "
                + $"annotate this one with {Aether.Persistence.Contracts.AetherNames.AdoptAnnotation}={secret.Uid}. To "
                + "begin with an empty world, remove the Secret.");
    }
}
