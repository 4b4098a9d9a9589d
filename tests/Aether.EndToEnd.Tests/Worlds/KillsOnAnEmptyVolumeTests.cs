using Aether.EndToEnd.Tests.Support;

namespace Aether.EndToEnd.Tests.Worlds;

/// <summary>On a volume that is deleted with its pod, at Replicated.</summary>
public sealed class KillsOnAnEmptyVolumeTests(OwnCluster own) : KillTests(own)
{
    [Fact]
    public Task Kills_lose_and_double_nothing_where_the_volume_goes_with_the_pod() =>
        KillAsync("""{"wal":{"volume":{"emptyDir":{}},"defaultDurability":"Replicated"}}""");
}
