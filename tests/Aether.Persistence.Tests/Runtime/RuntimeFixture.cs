using System.Text;
using Aether.Persistence.Commits;
using Aether.Persistence.Conformance;
using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Storage;
using Aether.Persistence.Tests.Simulation;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>A world with its stores, its clock and its volumes, for successive runtimes.</summary>
internal sealed class RuntimeFixture : IAsyncDisposable
{
    private readonly List<PersistenceRuntime> _runtimes = [];

    public RuntimeFixture()
    {
        StoresClock = new JumpingClock(Clock);
        AgentsClock = new JumpingClock(Clock);
        Stores = new InMemoryStores(StoresClock);
    }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The stores' view of <see cref="Clock"/>.</summary>
    public JumpingClock StoresClock { get; }

    /// <summary>The runtimes' view of <see cref="Clock"/>.</summary>
    public JumpingClock AgentsClock { get; }

    public InMemoryStores Stores { get; }

    public PersistenceOptions Options { get; set; } = new()
    {
        WorldId = "world-under-test",
        Holder = "world-0",
        SegmentBytes = 4096,
        SnapshotInterval = TimeSpan.FromDays(1),
    };

    public static StateKey Key(int id) => new("item", id.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public static Commit Put(
        int id,
        string value,
        Durability? durability = null,
        string? idempotencyKey = null,
        Sequence? expected = null) =>
        new([Mutation.Put(Key(id), Encoding.UTF8.GetBytes(value), expected)], durability, idempotencyKey);

    /// <summary>Opens the world; a former runtime must have ended before.</summary>
    public async Task<PersistenceRuntime> OpenAsync(IFileSystem? volume, string holder = "world-0")
    {
        var runtime = Create(volume, holder);
        await runtime.StartAsync(Cancellation);
        if (volume is SimulatedFileSystem simulated)
            await SettledAsync(runtime, simulated);
        return runtime;
    }

    /// <summary>
    /// Creates a runtime; with its lease and journal in <paramref name="database"/> if that is not the fixture's.
    /// </summary>
    public PersistenceRuntime Create(
        IFileSystem? volume,
        string holder = "world-0",
        InMemoryStores? database = null,
        ISnapshotStore? snapshots = null,
        bool hasJournal = true)
    {
        var stores = database ?? Stores;
        var runtime = new PersistenceRuntime(
            Options with { Holder = holder, WalEnabled = volume is not null },
            new PersistencePorts
            {
                Volume = volume,
                Lease = stores,
                Journal = volume is null || !hasJournal ? null : stores,
                Snapshots = snapshots ?? stores,
                Divergences = stores,
            },
            AgentsClock,
            NullLoggerFactory.Instance,
            new EngineMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())));
        _runtimes.Add(runtime);
        return runtime;
    }

    /// <summary>
    /// Waits until only the test uses the volume, because the next segment is created in the background.
    /// </summary>
    private static async Task SettledAsync(PersistenceRuntime runtime, SimulatedFileSystem volume)
    {
        while (!volume.Paths.Contains("wal/next.spare") && !runtime.Completion.IsCompleted)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
    }

    /// <summary>Ends a runtime as a crash would, and lets its lease expire.</summary>
    public async Task CrashAsync(PersistenceRuntime runtime)
    {
        await runtime.DisposeAsync();
        Stores.ExpireLease();
    }

    /// <summary>Another writer opens the world while its holder does not notice.</summary>
    public async Task<Epoch> TakeOverAsync(Guid? volume = null)
    {
        Stores.ExpireLease();
        var attempt = await Stores.TryAcquireAsync(
            new LeaseRequest("intruder", volume ?? Guid.NewGuid(), TimeSpan.FromSeconds(10)), Cancellation);
        return attempt.Epoch;
    }

    /// <summary>
    /// Advances the clock, in steps that the loops can follow, until <paramref name="task"/> has ended.
    /// </summary>
    public async Task PassTimeUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            Cancellation.ThrowIfCancellationRequested();
            Clock.Advance(TimeSpan.FromMilliseconds(100));
            for (var i = 0; i < 20; i++)
                await Task.Yield();
        }
        await task;
    }

    /// <summary>Completes when the journal ends with <paramref name="sequence"/>.</summary>
    public async Task WhenReplicatedAsync(ulong sequence)
    {
        while (true)
        {
            var changed = Stores.WhenChanged();
            if (Stores.Blocks is [.., var last] && last.Last.Value >= sequence)
                return;
            await changed.WaitAsync(Cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var runtime in _runtimes)
            await runtime.DisposeAsync();
    }
}
