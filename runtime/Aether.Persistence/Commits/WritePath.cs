using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.State;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Commits;

/// <summary>
/// Assembles the path of a commit through an open world: <see cref="Commits.Admission"/>, <see cref="LogFlusher"/>,
/// <see cref="Shipper"/> and <see cref="Commits.Acknowledger"/>. Each calls only those after it; only wake-ups go back.
/// (docs/architecture.md, "One commit's way")
/// </summary>
internal sealed class WritePath : IDisposable
{
    private readonly BlockQueue _queue;
    private readonly LogFlusher? _flusher;
    private readonly ShippingLoop? _shipping;

    /// <param name="options">Limits and intervals.</param>
    /// <param name="durability">Determines the durability of a commit.</param>
    /// <param name="world">The state, which belongs to this object from now on.</param>
    /// <param name="lease">Held by this writer.</param>
    /// <param name="log">The world's log, started; null if it has none.</param>
    /// <param name="journal">The world's journal; null if it has none.</param>
    /// <param name="backlog">The blocks that the journal lacks at the start.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="metrics">Counts commits, blocks and times.</param>
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

    /// <summary>Acknowledges commits, and knows the watermarks.</summary>
    public Acknowledger Acknowledger { get; }

    /// <summary>Sends blocks to the journal; null for a world without a journal.</summary>
    public Shipper? Shipper { get; }

    /// <summary>Completes when all commits from before <see cref="Close"/> are flushed or have failed.</summary>
    public Task Flushed => _flusher?.Finished ?? Task.CompletedTask;

    /// <summary>Starts the log's thread.</summary>
    public void Start() => _flusher?.Start();

    /// <summary>Ships until cancelled or, after <see cref="Close"/>, until everything is shipped.</summary>
    public Task ShipAsync(CancellationToken cancellationToken) =>
        _shipping?.RunAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Refuses further commits, and flushes those that were accepted.</summary>
    public void Close(RuntimePhase phase)
    {
        _queue.Close(new RuntimeUnavailableException(phase));
        _flusher?.FlushNow();
    }

    /// <summary>
    /// Waits until every synced block is in the journal, if there is one, and is acknowledged. The world must be closed
    /// and flushed.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (_shipping is null)
            return;
        await Acknowledger.Replicated.WaitForAsync(Acknowledger.Durable.Value, cancellationToken);
        await _shipping.Finished.WaitAsync(cancellationToken);
    }

    /// <summary>Stops every acknowledgement, and ends every wait with <paramref name="cause"/>.</summary>
    public void Fail(RuntimePhase phase, Exception cause)
    {
        // First, and without an allocation: from here on nothing is acknowledged, even if the rest fails.
        _queue.End();
        Acknowledger.End();
        var failure = new RuntimeUnavailableException(phase, cause);
        Acknowledger.Fail(failure, _queue.Abandon(failure));
        _flusher?.Wake();
    }

    public void Dispose() => _flusher?.Dispose();
}
