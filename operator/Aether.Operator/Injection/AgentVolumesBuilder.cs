using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>Builds the injected volumes of a pod.</summary>
internal static class AgentVolumesBuilder
{
    private const int OwnerAndGroupRead = 0b100_100_000;

    public static IReadOnlyList<V1Volume> Build(WorldPersistence world, WalVolumeSpec? wal)
    {
        var names = WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name);
        List<V1Volume> volumes = [Sockets(), Config(names)];
        if (wal is not null)
            volumes.Add(Wal(wal));
        return volumes;
    }

    private static V1Volume Sockets() => new()
    {
        Name = InjectionNames.SocketVolume,
        EmptyDir = new V1EmptyDirVolumeSource { Medium = "Memory", SizeLimit = new ResourceQuantity("1Mi") },
    };

    private static V1Volume Config(WorldNames names) => new()
    {
        Name = InjectionNames.ConfigVolume,
        Projected = new V1ProjectedVolumeSource
        {
            DefaultMode = OwnerAndGroupRead,
            Sources = [new V1VolumeProjection { Secret = new V1SecretProjection { Name = names.Secret } }],
        },
    };

    private static V1Volume Wal(WalVolumeSpec wal) => wal switch
    {
        { PersistentVolumeClaim: { } claim } => new V1Volume
        {
            Name = InjectionNames.WalVolume,
            PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = claim.ClaimName },
        },
        { Ephemeral: { } ephemeral } => new V1Volume
        {
            Name = InjectionNames.WalVolume,
            Ephemeral = new V1EphemeralVolumeSource { VolumeClaimTemplate = Template(ephemeral) },
        },
        _ => new V1Volume
        {
            Name = InjectionNames.WalVolume,
            EmptyDir = new V1EmptyDirVolumeSource
            {
                SizeLimit = wal.EmptyDir?.SizeLimit is { } limit ? new ResourceQuantity(limit) : null,
            },
        },
    };

    private static V1PersistentVolumeClaimTemplate Template(EphemeralVolumeSource ephemeral) => new()
    {
        Spec = new V1PersistentVolumeClaimSpec
        {
            AccessModes = ["ReadWriteOnce"],
            StorageClassName = ephemeral.StorageClassName,
            VolumeMode = "Filesystem",
            Resources = new V1VolumeResourceRequirements
            {
                Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new(ephemeral.Size) },
            },
        },
    };
}
