using Aether.EndToEnd.Tests.Support;

namespace Aether.EndToEnd.Tests.Worlds;

/// <summary>On a volume that survives its pod, at Fsync.</summary>
public sealed class KillsOnAClaimTests(OwnCluster own) : KillTests(own)
{
    [Fact]
    public Task Kills_lose_and_double_nothing_where_the_volume_comes_back() =>
        KillAsync("""{"wal":{"volume":{"persistentVolumeClaim":{"claimName":"log"}}}}""");
}
