using System.Runtime.CompilerServices;
using Aether.Benchmarks.Harness;
using Aether.Persistence;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;

namespace Aether.Benchmarks.Systems.Aether;

/// <summary>
/// Our engine as an agent runs it: with state, digest and idempotency, and defaults except for the agent's own
/// settings.
/// </summary>
internal sealed class AetherEngine : ISession
{
    private const int FillInFlight = 256;

    private readonly Workload _workload;
    private readonly Durability _durability;
    private readonly IAsyncDisposable _stores;
    private readonly PersistenceRuntime _runtime;

    private AetherEngine(
        Workload workload,
        Durability durability,
        PersistencePorts ports,
        IAsyncDisposable stores,
        bool acknowledgeInline)
    {
        _workload = workload;
        _durability = durability;
        _stores = stores;
        _runtime = new PersistenceRuntime(
            new PersistenceOptions
            {
                WorldId = "benchmark",
                Holder = "benchmark",
                AcknowledgeInline = acknowledgeInline,
            },
            ports,
            new CoarseTimeProvider(),
            NullLoggerFactory.Instance,
            new EngineMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())));
    }

    /// <summary>Opens a world in a folder, without servers.</summary>
    public static Task<AetherEngine> OpenLocalAsync(
        Workload workload, Durability durability, IFileSystem volume, bool acknowledgeInline = true)
    {
        var lease = new FileLease(volume, TimeProvider.System);
        var ports = new PersistencePorts
        {
            Volume = volume,
            Lease = lease,
            Journal = null,
            Snapshots = new FileSnapshotStore(volume),
        };
        return OpenAsync(workload, durability, ports, new LocalLease(lease), acknowledgeInline);
    }

    /// <summary>Opens a world; <paramref name="stores"/> are disposed with it.</summary>
    public static async Task<AetherEngine> OpenAsync(
        Workload workload,
        Durability durability,
        PersistencePorts ports,
        IAsyncDisposable stores,
        bool acknowledgeInline = true)
    {
        var engine = new AetherEngine(workload, durability, ports, stores, acknowledgeInline);
        try
        {
            await engine._runtime.StartAsync(CancellationToken.None);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Status of the runtime.</summary>
    public RuntimeStatus Status => _runtime.Status;

    /// <summary>Creates a commit as a caller does.</summary>
    public static Commit MakeCommit(Workload workload, long n, Durability durability) =>
        new([Mutation.Put(Workload.Key(n), workload.Value(n))], durability, workload.IdempotencyKey(n));

    public ValueTask WriteAsync(long n) => WriteAsync(n, _durability);

    /// <summary>Fills a log for a replay: many commits at a time, of which the last one waits for all.</summary>
    public async Task FillAsync(int commits, Durability last)
    {
        var inFlight = new ParallelOptions { MaxDegreeOfParallelism = FillInFlight };
        await Parallel.ForAsync(0, commits - 1, inFlight, (_, _) => WriteAsync(_workload.Next()));
        await WriteAsync(_workload.Next(), last);
    }

    public async ValueTask DisposeAsync()
    {
        // As in a crash, because a last snapshot and an emptied queue are not part of the measurement.
        await _runtime.DisposeAsync();
        await _stores.DisposeAsync();
    }

    private ValueTask WriteAsync(long n, Durability durability)
    {
        var commit = MakeCommit(_workload, n, durability);
        var committed = _runtime.CommitAsync(commit, CancellationToken.None);
        return committed.IsCompletedSuccessfully ? default : AwaitAsync(committed, commit);
    }

    // Pooled, so that only the engine's own allocations are counted.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitAsync(ValueTask<CommitResult> committed, Commit commit)
    {
        while (true)
        {
            try
            {
                await committed;
                return;
            }
            catch (OverloadedException)
            {
                // The disk is slower than the writer, so retry after waiting for the disk.
                await _runtime.GetAsync(commit.Mutations[0].Key, confirmed: true, CancellationToken.None);
                committed = _runtime.CommitAsync(commit, CancellationToken.None);
            }
        }
    }

    private sealed class LocalLease(FileLease lease) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            lease.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
