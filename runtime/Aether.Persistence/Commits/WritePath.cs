using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.State;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Commits;

/// <summary>
/// The way of a commit through an open world, put together: <see cref="Commits.Admission"/>, <see cref="LogFlusher"/>,
/// <see cref="Shipper"/> and <see cref="Commits.Acknowledger"/>, each of which calls only those after it. What goes
/// back are wake-ups. (docs/architecture.md, "One commit's way")
/// </summary>
internal sealed class WritePath : IDisposable
{
    private readonly BlockQueue _queue;
    private readonly LogFlusher? _flusher;
    private readonly ShippingLoop? _shipping;

    /// <param name="options">Limits and intervals.</param>
    /// <param name="durability">Which durability a commit gets.</param>
    /// <param name="world">The state, which belongs to this object from now on.</param>
    /// <param name="lease">Held by this writer.</param>
    /// <param name="log">The world's log, started; null if it has none.</param>
    /// <param name="journal">The world's journal; null if it has none.</param>
    /// <param name="backlog">What it lacks at the start.</param>
    /// <param name="clock">The time.</param>
    /// <param name="metrics">Counts what happens.</param>
    /// <param name="loggers">Makes the logger of the shipper.</param>
    /// <param name="endWriter">Ends the writer for a failure; has to call <see cref="Fail"/>.</param>
    public WritePath(
        PersistenceOptions options,
        DurabilityPolicy durability,
        WorldState world,
        LeaseKeeper lease,
        WriteAheadLog? log,
        IJournal? journal,
        ShippingBacklog backlog,
        TimeProvider clock,
        EngineMetrics metrics,
        ILoggerFactory loggers,
        Action<Exception> endWriter)
    {
        var lag = new JournalLag(options, clock);
        Acknowledger = new Acknowledger(
            lease, lag, world.Sequence, backlog.Replicated, options.Memory, metrics, () => _flusher?.WakeIfNeeded(),
            endWriter);
        _queue = new BlockQueue(world, options);
        if (journal is not null)
            Shipper = new Shipper(
                journal, lease.Epoch, log!, backlog, Acknowledger.Durable, Acknowledger.Replicated, lag, options, clock,
                metrics, loggers.CreateLogger<Shipper>());
        if (log is not null)
            _flusher = new LogFlusher(
                _queue, log, lease.Epoch, Shipper, Acknowledger, options.FlushInterval, clock, metrics, endWriter);
        if (Shipper is not null)
            _shipping = new ShippingLoop(Shipper, _flusher!, Acknowledger);
        Admission = new Admission(
            options, durability, world, _queue, log, _flusher, Acknowledger, lease, lag, clock, metrics, endWriter);
        Reader = new WorldReader(
            durability, world, _queue, lease.Epoch, _flusher, journal is not null, Acknowledger, endWriter);
    }

    /// <summary>Takes commits.</summary>
    public Admission Admission { get; }

    /// <summary>Reads the state.</summary>
    public WorldReader Reader { get; }

    /// <summary>Knows how far the world is durable.</summary>
    public Acknowledger Acknowledger { get; }

    /// <summary>Brings blocks into the journal; null for a world without one.</summary>
    public Shipper? Shipper { get; }

    /// <summary>Completes when all commits from before <see cref="Close"/> are flushed, or have failed.</summary>
    public Task Flushed => _flusher?.Finished ?? Task.CompletedTask;

    /// <summary>Starts the log's thread.</summary>
    public void Start() => _flusher?.Start();

    /// <summary>Ships until all is shipped after <see cref="Close"/>, or until cancelled.</summary>
    public Task ShipAsync(CancellationToken cancellationToken) =>
        _shipping?.RunAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Takes no more commits, and flushes those it has.</summary>
    public void Close(RuntimePhase phase)
    {
        _queue.Close(new RuntimeUnavailableException(phase));
        _flusher?.FlushNow();
    }

    /// <summary>
    /// Waits until all that is synced is in the journal, if there is one, and has been acknowledged. For a world that
    /// is closed and flushed.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (_shipping is null)
            return;
        await Acknowledger.Replicated.WaitForAsync(Acknowledger.Durable.Value, cancellationToken);
        await _shipping.Finished.WaitAsync(cancellationToken);
    }

    /// <summary>Acknowledges nothing from now on; every wait ends with <paramref name="cause"/>.</summary>
    public void Fail(RuntimePhase phase, Exception cause)
    {
        // First, and without allocating: from here on nothing is acknowledged, even if the rest fails.
        _queue.End();
        Acknowledger.End();
        var failure = new RuntimeUnavailableException(phase, cause);
        Acknowledger.Fail(failure, _queue.Abandon(failure));
        _flusher?.Wake();
    }

    public void Dispose() => _flusher?.Dispose();
}
