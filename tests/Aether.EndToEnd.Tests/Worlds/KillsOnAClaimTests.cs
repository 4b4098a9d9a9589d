using Aether.EndToEnd.Tests.Support;

namespace Aether.EndToEnd.Tests.Worlds;

/// <summary>On a volume that survives its pod, at Fsync.</summary>
public sealed class KillsOnAClaimTests(OwnCluster own) : KillTests(own)
{
    [Fact]
    public Task Kills_neither_lose_nor_repeat_a_write_where_the_volume_is_kept() =>
        KillAsync("""{"wal":{"volume":{"persistentVolumeClaim":{"claimName":"log"}}}}""");
}
