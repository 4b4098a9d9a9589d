using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>
/// The losses of a world that its user has accepted. They are determined before anything is created, so that an
/// acceptance covers only the loss it was given for.
/// </summary>
/// <param name="Stores">The stores that lost the world's data.</param>
/// <param name="MayRecreate">
/// Whether the world can start over with the remaining stores and those that are recreated.
/// </param>
internal sealed record WorldLoss(IReadOnlyList<StoreName> Stores, bool MayRecreate)
{
    /// <summary>No loss is accepted.</summary>
    public static WorldLoss None { get; } = new([], MayRecreate: false);

    /// <summary>Inspects the stores; writes nothing.</summary>
    /// <param name="provisioners">The provisioners of all stores.</param>
    /// <param name="request">The world's request, without accepted losses.</param>
    /// <param name="cancellationToken">Cancels the inspection.</param>
    public static async Task<WorldLoss> FindAsync(
        IEnumerable<IStoreProvisioner> provisioners, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(
            provisioners.Select(provisioner => WorldStores.InspectAsync(provisioner, request, cancellationToken)));
        var lost = found
            .Where(outcome => outcome.Failure?.Reason is StoreReason.SchemaLost or StoreReason.StreamLost)
            .Select(outcome => outcome.Store)
            .ToList();

        // A JetStream journal and the snapshots in the schema continue each other: every agent would refuse an old one
        // beside a new other. So both must be lost, or never have existed.
        return new WorldLoss(lost, lost.Count > 0
            && (request.Profile.Journal != JournalKind.JetStream
                || (HoldsNothing(StoreName.Postgres, request.ExpectsSchema)
                    && HoldsNothing(StoreName.Nats, request.ExpectsJournal))));

        bool HoldsNothing(StoreName store, bool expected) =>
            lost.Contains(store) || (!expected && found.Any(outcome => outcome.Store == store && outcome.IsSuccess));
    }
}
