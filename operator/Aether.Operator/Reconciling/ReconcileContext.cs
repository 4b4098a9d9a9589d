using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>The data of one reconcile of a world.</summary>
/// <param name="World">The world; its status is edited in place.</param>
/// <param name="Report">Edits and writes that status.</param>
/// <param name="Profile">The world's effective settings.</param>
/// <param name="Backend">How to reach its stores.</param>
/// <param name="Secret">The Secret under its name as it was found.</param>
/// <param name="Check">Confirms that this Secret is the stored one.</param>
internal sealed record ReconcileContext(
    WorldPersistence World,
    WorldReport Report,
    WorldProfile Profile,
    BackendAccess Backend,
    FoundSecret Secret,
    SecretCheck Check)
{
    /// <summary>The world's names in its stores.</summary>
    public WorldNames Names { get; } = WorldNames.For(World.Metadata.NamespaceProperty, World.Metadata.Name);

    /// <summary>The world's request, without identities and accepted losses.</summary>
    public ProvisioningRequest Request(WorldCredentials credentials) => AsRecorded(new ProvisioningRequest
    {
        Owner = WorldOwners.Of(World),
        Names = Names,
        Profile = Profile,
        Backend = Backend,
        Credentials = credentials,
        WasProvisioned = false,
        JournalWasProvisioned = false,
        LossAccepted = false,
        DivergencesKnown = 0,
    });

    /// <summary>The request with the state that the world's status records now.</summary>
    public ProvisioningRequest AsRecorded(ProvisioningRequest request) => request with
    {
        WasProvisioned = World.Status.Stores?.SchemaProvisioned == true,
        JournalWasProvisioned = World.Status.Stores?.JournalProvisioned == true,
        DivergencesKnown = World.Status.LastDivergence?.Number ?? 0,
    };
}
