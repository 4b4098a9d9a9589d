using Aether.EndToEnd.Tests.Support;

namespace Aether.EndToEnd.Tests.Worlds;

/// <summary>On a volume that is deleted with its pod, at Replicated.</summary>
public sealed class KillsOnAnEmptyVolumeTests(OwnCluster own) : KillTests(own)
{
    [Fact]
    public Task Kills_neither_lose_nor_repeat_a_write_where_the_volume_is_lost_with_the_pod() =>
        KillAsync("""{"wal":{"volume":{"emptyDir":{}},"defaultDurability":"Replicated"}}""");
}
