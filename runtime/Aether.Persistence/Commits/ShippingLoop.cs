using Aether.Persistence.Journal;

namespace Aether.Persistence.Commits;

/// <summary>
/// Sends blocks to the journal, and acknowledges the commits that wait for it, until the writer is closed and
/// everything is shipped.
/// </summary>
/// <remarks>
/// With <see cref="PersistenceOptions.AcknowledgeInline"/> the callers' continuations run on this loop's thread. The
/// loop then flushes the commits that they make, and sends them to the journal before they are synced.
/// </remarks>
internal sealed class ShippingLoop(Shipper shipper, LogFlusher flusher, Acknowledger acknowledger)
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when <see cref="RunAsync"/> has ended, whether all is shipped or not.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Ships until all is shipped and the flusher has ended, or until cancelled.</summary>
    /// <exception cref="FencedException">Another writer has opened the world.</exception>
    /// <exception cref="JournalFellBackException">The journal lost blocks that it had acknowledged.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await ShipAsync(cancellationToken))
            {
            }
        }
        finally
        {
            _finished.SetResult();
        }
    }

    // Returns false once everything is shipped and nothing more can be flushed.
    private async Task<bool> ShipAsync(CancellationToken cancellationToken)
    {
        // Read this first. Then every block that was flushed before it was set is among the batches below; read later,
        // the last blocks could be left unshipped.
        var isLast = flusher.Finished.IsCompleted;
        foreach (var batch in shipper.WaitingBatches())
            await FinishAsync(shipper.Begin(batch, cancellationToken), cancellationToken);

        var more = acknowledger.AcknowledgeReplicated();
        Shipment? begun = null;
        flusher.FlushHere(block => (begun = shipper.TryBeginUnsynced(block, cancellationToken)) is not null);
        if (begun is { } shipment)
            await FinishAsync(shipment, cancellationToken);
        else if (isLast && !more)
            return false;
        else if (!more)
            await shipper.WaitForWorkAsync(cancellationToken);
        return true;
    }

    private async Task FinishAsync(Shipment shipment, CancellationToken cancellationToken)
    {
        // While the append is under way, acknowledge commits that are already in the journal and flush: their callers
        // send their next commits meanwhile.
        bool more;
        do
        {
            more = acknowledger.AcknowledgeReplicated();
            flusher.WakeIfNeeded();
        }
        while (more && !shipment.Append.IsCompleted);
        await shipper.FinishAsync(shipment, cancellationToken);
    }
}
