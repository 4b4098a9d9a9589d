using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>What one reconcile of a world works with.</summary>
/// <param name="World">The world; its status is edited in place.</param>
/// <param name="Report">Writes that status.</param>
/// <param name="Profile">The world's settings in force.</param>
/// <param name="Backend">How to reach its stores.</param>
/// <param name="Secret">The Secret of its name as it was found.</param>
internal sealed record WorldPass(
    WorldPersistence World, WorldReport Report, WorldProfile Profile, BackendAccess Backend, FoundSecret Secret)
{
    /// <summary>The world's names in its stores.</summary>
    public WorldNames Names { get; } = WorldNames.For(World.Metadata.NamespaceProperty, World.Metadata.Name);

    /// <summary>The world's request: no loss accepted, and the identities not known yet.</summary>
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

    /// <summary>The request with what the status says now about the world's state.</summary>
    public ProvisioningRequest AsRecorded(ProvisioningRequest request) => request with
    {
        WasProvisioned = World.Status.Stores?.SchemaProvisioned == true,
        JournalWasProvisioned = World.Status.Stores?.JournalProvisioned == true,
        DivergencesKnown = World.Status.LastDivergence?.Number ?? 0,
    };
}
