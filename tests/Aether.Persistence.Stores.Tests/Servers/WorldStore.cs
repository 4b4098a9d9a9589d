using System.Globalization;
using System.Text;
using Aether.Persistence.Conformance;
using Aether.Persistence.Lease;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>
/// A world in one of the stores, opened with the operator's settings. It writes numbers: as snapshots in PostgreSQL and
/// Redis, as events in NATS.
/// </summary>
internal sealed class WorldStore : IAsyncDisposable
{
    private readonly IAsyncDisposable _world;

    private WorldStore(IAsyncDisposable world) => _world = world;

    public required Func<CancellationToken, Task<BackendStatus>> CheckAsync { get; init; }

    /// <summary>Switches to other settings.</summary>
    public required Func<Dictionary<string, string>, Task> UseAsync { get; init; }

    /// <summary>Makes it the world's writer.</summary>
    public required Func<CancellationToken, Task> OpenAsync { get; init; }

    public required Func<ulong, CancellationToken, Task> WriteAsync { get; init; }

    /// <summary>All written numbers, up to a number that is known to be stored.</summary>
    public required Func<ulong, Task<IReadOnlyList<ulong>>> ReadAsync { get; init; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="store">Name of the store, starting with postgres, redis or nats.</param>
    /// <param name="settings">How to reach it.</param>
    public static WorldStore Of(string store, Dictionary<string, string> settings) =>
        store.StartsWith("postgres", StringComparison.Ordinal) ? Postgres(settings)
        : store.StartsWith("redis", StringComparison.Ordinal) ? Redis(settings)
        : Nats(settings);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private static WorldStore Postgres(Dictionary<string, string> settings)
    {
        var world = new PostgresWorld(PostgresConnectionOptions.From(settings.GetValueOrDefault));
        var snapshots = new PostgresSnapshotStore(world);
        return new WorldStore(world)
        {
            CheckAsync = new PostgresHealth(world).CheckAsync,
            UseAsync = next => world.UseAsync(
                PostgresConnectionOptions.From(next.GetValueOrDefault), Cancellation),
            OpenAsync = token => new PostgresWorldLease(world).TryAcquireAsync(
                new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(10)), token),
            WriteAsync = (number, token) => WriteSnapshotAsync(snapshots, number, token),
            ReadAsync = _ => ReadSnapshotsAsync(snapshots),
        };
    }

    private static WorldStore Redis(Dictionary<string, string> settings)
    {
        var world = new RedisWorld(RedisConnectionOptions.From(settings.GetValueOrDefault), TimeProvider.System);
        var snapshots = new RedisSnapshotStore(world);
        return new WorldStore(world)
        {
            CheckAsync = new RedisHealth(world).CheckAsync,
            UseAsync = next => world.UseAsync(RedisConnectionOptions.From(next.GetValueOrDefault), Cancellation),
            OpenAsync = _ => Task.CompletedTask,
            WriteAsync = (number, token) => WriteSnapshotAsync(snapshots, number, token),
            ReadAsync = _ => ReadSnapshotsAsync(snapshots),
        };
    }

    private static WorldStore Nats(Dictionary<string, string> settings)
    {
        var world = new NatsWorld(NatsConnectionOptions.From(settings.GetValueOrDefault), TimeProvider.System);
        var lease = new InMemoryStores(TimeProvider.System);
        var events = new JetStreamEventStream(world, lease, NullLogger<JetStreamEventStream>.Instance);
        return new WorldStore(world)
        {
            CheckAsync = new NatsHealth(world).CheckAsync,
            UseAsync = next => world.UseAsync(NatsConnectionOptions.From(next.GetValueOrDefault), Cancellation),
            OpenAsync = async token =>
            {
                var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(10));
                await events.OpenAsync((await lease.TryAcquireAsync(request, token)).Epoch, token);
            },
            WriteAsync = (number, token) => events.PublishAsync(
                "number", Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)), token),
            ReadAsync = last => ReadEventsAsync(events, last),
        };
    }

    private static Task WriteSnapshotAsync(ISnapshotStore store, ulong number, CancellationToken cancellationToken) =>
        store.WriteAsync(Manifest(number, epoch: 1), Chunks([1], [2]), cancellationToken);

    private static async Task<IReadOnlyList<ulong>> ReadSnapshotsAsync(ISnapshotStore store) =>
        [.. (await store.ListAsync(Cancellation)).Select(manifest => manifest.Sequence.Value)];

    private static async Task<IReadOnlyList<ulong>> ReadEventsAsync(JetStreamEventStream events, ulong last)
    {
        var numbers = new List<ulong>();
        await foreach (var e in await events.SubscribeAsync("", 0, Cancellation))
        {
            numbers.Add(ulong.Parse(Encoding.UTF8.GetString(e.Data.Span), CultureInfo.InvariantCulture));
            if (numbers[^1] == last)
                break;
        }

        return numbers;
    }
}
