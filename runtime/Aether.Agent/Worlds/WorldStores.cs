using Aether.Agent.Events;
using Aether.Agent.Settings;
using Aether.Persistence;
using Aether.Persistence.Contracts;
using Aether.Persistence.Events;
using Aether.Persistence.Lease;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Storage;
using Aether.Persistence.Stores;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Redis;

namespace Aether.Agent.Worlds;

/// <summary>The stores of one world: the engine's ports and its events. Owns the connections to them.</summary>
internal sealed class WorldStores : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _connections = [];
    private readonly List<Func<AgentOptions, CancellationToken, Task>> _changes = [];
    private volatile IReportChannel? _reports;

    private WorldStores(PersistencePorts ports, IEventStream events)
    {
        Ports = ports;
        Events = events;
    }

    public PersistencePorts Ports { get; }

    public IEventStream Events { get; }

    /// <summary>Sends reports to the operator; null for a local world, which has no operator.</summary>
    public IReportChannel? Reports => _reports;

    /// <summary>Creates the stores that the options name; connections are opened at first use.</summary>
    public static WorldStores Create(AgentOptions options, TimeProvider clock, ILoggerFactory loggers) =>
        options.Postgres is { } postgres
            ? CreateWithServers(options, postgres, clock, loggers)
            : CreateLocal(options, clock);

    /// <summary>
    /// Makes each store switch to the connection settings in <paramref name="options"/>. A failure of one store does
    /// not affect the others. Returns the problems.
    /// </summary>
    public async Task<IReadOnlyList<string>> UseAsync(AgentOptions options, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var change in _changes)
        {
            try
            {
                await change(options, cancellationToken);
            }
            catch (StoreUnavailableException e)
            {
                problems.Add(e.Message);
            }
        }

        return problems;
    }

    public async ValueTask DisposeAsync()
    {
        while (_connections.TryPop(out var connection))
            await connection.DisposeAsync();
    }

    private static WorldStores CreateLocal(AgentOptions options, TimeProvider clock)
    {
        var volume = new LocalFileSystem(options.VolumeDirectory);
        var ports = new PersistencePorts
        {
            Volume = volume,
            Lease = new FileLease(volume, clock),
            Journal = null,
            Snapshots = new FileSnapshotStore(volume),
        };
        return new WorldStores(ports, new MemoryEventStream(clock));
    }

    private static WorldStores CreateWithServers(
        AgentOptions options, PostgresConnectionOptions connection, TimeProvider clock, ILoggerFactory loggers)
    {
        var postgres = new PostgresWorld(connection);
        var redis = options.Redis is { } keys ? new RedisWorld(keys, clock) : null;
        var nats = options.Nats is { } subjects ? new NatsWorld(subjects, clock) : null;
        var volume = options.NeedsVolume ? new LocalFileSystem(options.VolumeDirectory) : null;
        var lease = new PostgresWorldLease(postgres);
        var ports = new PersistencePorts
        {
            Volume = volume,
            Lease = lease,
            Journal = !options.Engine.WalEnabled ? null
                : options.Journal == JournalKind.Postgres ? new PostgresJournal(
                    postgres,
                    new PostgresProjection(
                        postgres, options.Engine.CriticalKinds.Keys, loggers.CreateLogger<PostgresProjection>()))
                : new JetStreamJournal(
                    nats ?? throw new InvalidStoreSettingException(
                        AetherVariables.NatsUrl, "is missing, although the journal is in JetStream"),
                    lease,
                    loggers.CreateLogger<JetStreamJournal>()),
            Snapshots = options.SnapshotStore switch
            {
                SnapshotStoreKind.Redis => new RedisSnapshotStore(redis!),
                SnapshotStoreKind.Volume => new FileSnapshotStore(
                    volume!, loggers.CreateLogger<FileSnapshotStore>()),
                _ => new PostgresSnapshotStore(postgres),
            },
            Divergences = new PostgresDivergenceLog(postgres),
        };
        IEventStream events = nats is null
            ? new NoEventStream()
            : new JetStreamEventStream(nats, lease, loggers.CreateLogger<JetStreamEventStream>());
        var stores = new WorldStores(ports, events);
        stores.Add(postgres, next => next.Postgres, postgres.UseAsync);
        if (redis is not null)
            stores.Add(redis, next => next.Redis, redis.UseAsync);
        if (nats is not null)
            stores.Add(nats, next => next.Nats, nats.UseAsync);
        stores.AddReports(postgres, nats, options.Engine.Holder, clock);
        return stores;
    }

    // The operator listens on the channel of the current settings: on NATS if they name it, else on PostgreSQL. If NATS
    // is added later, reports use it at once, whereas events need the restart that the changed settings ask for.
    private void AddReports(PostgresWorld postgres, NatsWorld? nats, string pod, TimeProvider clock)
    {
        var throughPostgres = new PostgresReports(postgres, pod);
        NatsWorld? late = null;
        _reports = nats is null ? throughPostgres : new JetStreamReports(nats, pod);
        _changes.Add(async (options, cancellationToken) =>
        {
            if (options.Nats is not { } next)
            {
                _reports = throughPostgres;
                return;
            }

            if (nats is null && late is null)
                _connections.Push(late = new NatsWorld(next, clock));
            else if (late is not null)
                await late.UseAsync(next, cancellationToken);
            if (_reports is not JetStreamReports)
                _reports = new JetStreamReports(nats ?? late!, pod);
        });
    }

    // A store that the settings no longer name stays in use until the pod is restarted.
    private void Add<T>(
        IAsyncDisposable connection, Func<AgentOptions, T?> find, Func<T, CancellationToken, Task> useAsync)
        where T : class
    {
        _connections.Push(connection);
        _changes.Add((options, cancellationToken) =>
            find(options) is { } next ? useAsync(next, cancellationToken) : Task.CompletedTask);
    }
}
