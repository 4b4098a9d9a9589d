using System.Text;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Metrics;
using Aether.Operator.Tests.Injection;
using Prometheus;

namespace Aether.Operator.Tests.Metrics;

[Trait("Kind", "Unit")]
public sealed class WorldMetricsTests
{
    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly WorldMetrics _metrics;

    public WorldMetricsTests()
    {
        _metrics = new WorldMetrics(Prometheus.Metrics.WithCustomRegistry(_registry), new LaggingWorlds());
    }

    [Fact]
    public async Task A_world_is_counted_in_its_current_phase_and_no_longer_after_its_deletion()
    {
        var pending = Given.DurableWorld();
        var ready = Given.DurableWorld();
        ready.Status.Phase = nameof(WorldPhase.Ready);
        var deleted = Given.DurableWorld();
        deleted.Status.Phase = nameof(WorldPhase.Ready);
        deleted.Metadata.DeletionTimestamp = DateTime.UnixEpoch;

        var added = await CountAsync(new(EntityChangeKind.Added, null, pending));
        var updated = await CountAsync(new(EntityChangeKind.Updated, pending, ready));
        var deleting = await CountAsync(new(EntityChangeKind.Updated, ready, deleted));
        var gone = await CountAsync(new(EntityChangeKind.Deleted, deleted, null));

        Assert.Equal(["Durable Pending", "Durable Ready", "Durable Deleting"], [.. added, .. updated, .. deleting]);
        Assert.Empty(gone);
    }

    [Fact]
    public async Task Unknown_class_or_phase_creates_no_series()
    {
        var world = Given.DurableWorld(spec => spec.Class = "Eternal");
        world.Status.Phase = "Blissful";

        Assert.Equal(["Durable Pending"], await CountAsync(new(EntityChangeKind.Added, null, world)));
    }

    // Class and phase of each series with value 1.
    private async Task<IReadOnlyList<string>> CountAsync(EntityChange<WorldPersistence> change)
    {
        _metrics.Take(change);
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        return
        [
            .. Encoding.UTF8.GetString(text.ToArray()).Split('\n')
                .Where(line => line.StartsWith("aether_operator_worlds{", StringComparison.Ordinal)
                    && line.EndsWith(" 1", StringComparison.Ordinal))
                .Select(line => line.Split('"'))
                .Select(parts => $"{parts[1]} {parts[3]}"),
        ];
    }
}
