using Aether.Benchmarks.Harness;
using Aether.Persistence;

namespace Aether.Benchmarks.Tests;

[Trait("Kind", "Unit")]
public sealed class WorkloadTests
{
    [Fact]
    public void No_idempotency_key_repeats_while_an_engine_remembers_it()
    {
        var remembered = new PersistenceOptions { WorldId = "w", Holder = "h" }.MaxIdempotencyKeys;
        var workload = new Workload(payload: 1, writers: 1);

        var keys = Enumerable.Range(0, 2 * remembered).Select(_ => workload.IdempotencyKey(workload.Next()));

        Assert.Distinct(keys);
    }

    [Fact]
    public void Writes_are_spread_over_all_keys()
    {
        var workload = new Workload(payload: 1, writers: 1);

        var keys = Enumerable.Range(0, 10 * Workload.Ids).Select(_ => Workload.Key(workload.Next())).Distinct();

        Assert.InRange(keys.Count(), 0.99 * Workload.Ids, Workload.Ids);
    }
}
