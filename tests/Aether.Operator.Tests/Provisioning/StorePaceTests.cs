using System.Diagnostics;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Tests.Provisioning;

[Trait("Kind", "Unit")]
public sealed class StorePaceTests
{
    private static readonly StorePlace Place = new(StoreName.Postgres, "db:5432", "");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Inspections_of_one_store_beyond_the_burst_of_a_second_wait_for_their_turn()
    {
        await using var pace = new StorePace(new OperatorOptions { InspectionsPerSecond = 4 });
        var started = Stopwatch.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => pace.WaitAsync(Place, Stop)));

        // Four at once and four at 4/s take a second. A busy machine takes longer, never shorter.
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(0.8));
    }

    [Fact]
    public async Task Inspections_of_another_store_do_not_wait()
    {
        await using var pace = new StorePace(new OperatorOptions { InspectionsPerSecond = 1 });
        await pace.WaitAsync(Place, Stop);

        var same = pace.WaitAsync(Place, Stop);
        var others = new[] { Place with { Store = StoreName.Redis }, Place with { Address = "other:5432" } }
            .Select(place => pace.WaitAsync(place, Stop))
            .ToList();

        Assert.All(others, other => Assert.True(other.IsCompletedSuccessfully));
        Assert.False(same.IsCompleted);
        await same;
    }
}
