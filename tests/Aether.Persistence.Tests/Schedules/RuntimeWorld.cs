using Aether.Persistence.Commits;
using Aether.Persistence.Conformance;
using Aether.Persistence.Runtime;
using Aether.Persistence.State;
using Aether.Persistence.Tests.Simulation;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>A whole runtime, which after each step gets time for its background work.</summary>
internal sealed class RuntimeWorld(
    PersistenceRuntime runtime, SimulatedFileSystem files, InMemoryStores stores, FakeTimeProvider clock)
    : IScheduledWorld
{
    private const int TurnsPerTick = 50;

    public Sequence Sequence => runtime.Status.Sequence;

    public StateDigest Digest => runtime.Status.Digest;

    /// <summary>Whether another writer has opened the world.</summary>
    public bool IsOvertaken { get; set; }

    /// <summary>Whether the test may wait for operations that involve the journal.</summary>
    public bool HasJournal => stores.DatabaseAnswers && !IsOvertaken;

    public async ValueTask<CommitResult> CommitAsync(Commit commit, CancellationToken cancellationToken)
    {
        var result = await runtime.CommitAsync(commit, cancellationToken);

        // Leave the runtime's thread that may have completed the task, because the code below waits for that very
        // thread.
        await Task.Yield();
        return result;
    }

    public async Task<StateValue?> ReadConfirmedAsync(StateKey key, CancellationToken cancellationToken) =>
        (await runtime.GetAsync(key, confirmed: true, cancellationToken)).Value;

    public Dictionary<StateKey, StateValue> Read() =>
        runtime.Capture().Entries.ToDictionary(entry => entry.Key, entry => entry.Value);

    // The runtime creates the spare by itself.
    public void PrepareSpare()
    {
    }

    public async Task<bool> TrySnapshotAsync(CancellationToken cancellationToken)
    {
        if (!HasJournal)
            return false;
        try
        {
            await runtime.SnapshotAsync(cancellationToken);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    /// <summary>
    /// Advances the clock until the next segment is created and everything is shipped, as far as faults allow. So a
    /// step meets no more leftovers of the step before than its schedule says.
    /// </summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        for (var turn = 1; !runtime.Completion.IsCompleted && !await IsSettledAsync(cancellationToken); turn++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (turn % TurnsPerTick == 0)
                clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    private async Task<bool> IsSettledAsync(CancellationToken cancellationToken)
    {
        if (!files.Faulted && !files.Paths.Contains("wal/next.spare"))
            return false;
        if (!HasJournal)
            return true;

        // A block that is still being synced may already be waiting for a retry of the shipper, which only the clock
        // triggers.
        var status = runtime.Status;
        return status.RecoveryPoint!.Bytes == 0
            && (await stores.ReadHeadAsync(cancellationToken)).Last == status.Durable;
    }
}
