using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>Advises which workload and volume suit a world.</summary>
internal static class WorldPlacement
{
    public static string Advise(WorldProfile profile) => profile switch
    {
        { WalEnabled: false } =>
            "Any workload with one replica; a restart loses every commit after the last snapshot.",
        { Volume.PersistentVolumeClaim: not null } =>
            "StatefulSet with one replica; keep the claim on a fast disk, since every Fsync commit waits for it.",
        { DefaultDurability: Durability.Replicated } =>
            "Any workload with one replica; the journal holds every acknowledged commit.",
        _ =>
            "StatefulSet with one replica and spec.wal.volume.persistentVolumeClaim on a fast disk: this volume is "
            + "deleted with the pod, and with it every acknowledged commit that is not in the journal yet.",
    };
}
