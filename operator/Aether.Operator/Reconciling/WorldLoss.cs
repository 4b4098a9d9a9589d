using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>
/// What a world has lost that its user goes on without. It is looked for before anything is made, so that an acceptance
/// counts for the loss it was given for and for no other.
/// </summary>
/// <param name="Stores">The stores that lost what the world held in them.</param>
/// <param name="MayBeginAnew">Whether the world can begin anew with what is there and what is made.</param>
internal sealed record WorldLoss(IReadOnlyList<StoreName> Stores, bool MayBeginAnew)
{
    /// <summary>Nothing is accepted.</summary>
    public static WorldLoss None { get; } = new([], MayBeginAnew: false);

    /// <summary>Looks into the stores; writes nothing.</summary>
    /// <param name="provisioners">Those of all stores.</param>
    /// <param name="request">The world's, with no loss accepted.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public static async Task<WorldLoss> FindAsync(
        IEnumerable<IStoreProvisioner> provisioners, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(
            provisioners.Select(provisioner => WorldStores.InspectAsync(provisioner, request, cancellationToken)));
        var lost = found
            .Where(outcome => outcome.Failure?.Reason is StoreReason.SchemaLost or StoreReason.StreamLost)
            .Select(outcome => outcome.Store)
            .ToList();

        // A journal in JetStream and the snapshots in the schema continue each other: beside a new one of the one kind
        // the old of the other would be refused by every agent.
        return new WorldLoss(lost, lost.Count > 0
            && (request.Profile.Journal != JournalKind.JetStream
                || (HoldsNothing(StoreName.Postgres, request.ExpectsSchema)
                    && HoldsNothing(StoreName.Nats, request.ExpectsJournal))));

        bool HoldsNothing(StoreName store, bool expected) =>
            lost.Contains(store) || (!expected && found.Any(outcome => outcome.Store == store && outcome.IsSuccess));
    }
}
