using System.Runtime.CompilerServices;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Recovery;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Conformance;

/// <summary>
/// The stores of one world, in memory, behind the engine's ports, as strict as real ones. For conditions that real
/// servers cannot be made to show on command: no answer at a chosen moment, or a lease that expires by a test's clock.
/// </summary>
public sealed class InMemoryStores(TimeProvider clock) : IWorldLease, IJournal, ISnapshotStore, IDivergenceLog
{
    private static readonly DateTimeOffset Released = DateTimeOffset.MinValue;

    private readonly Lock _gate = new();
    private readonly List<EpochRecord> _epochs = [];
    private readonly List<LogBlock> _blocks = [];
    private readonly List<DivergedTail> _divergedTails = [];
    private readonly Dictionary<(Sequence, Epoch), (SnapshotManifest Manifest, List<byte[]> Chunks)> _snapshots = [];
    private readonly List<(Sequence End, IReadOnlyList<StateEntry> State)> _projected = [];
    private JournalHead _head = new(Sequence.None, Epoch.None, StateDigest.Empty);
    private DateTimeOffset _expiresAt = Released;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether lease and journal answer.</summary>
    public bool DatabaseAnswers { get; set; } = true;

    /// <summary>Whether the record of diverged tails answers.</summary>
    public bool RecordsAnswer { get; set; } = true;

    /// <summary>Whether the snapshots answer.</summary>
    public bool SnapshotsAnswer { get; set; } = true;

    /// <summary>Called with the blocks before each append, without holding the lock.</summary>
    public Func<IReadOnlyList<LogBlock>, Task> BeforeAppend { get; set; } = _ => Task.CompletedTask;

    /// <summary>The blocks in the journal.</summary>
    public IReadOnlyList<LogBlock> Blocks
    {
        get
        {
            lock (_gate)
                return [.. _blocks];
        }
    }

    /// <summary>The recorded diverged tails.</summary>
    public IReadOnlyList<DivergedTail> DivergedTails
    {
        get
        {
            lock (_gate)
                return [.. _divergedTails];
        }
    }

    /// <summary>The states that were handed over for projection, one per opening that did so.</summary>
    public IReadOnlyList<(Sequence End, IReadOnlyList<StateEntry> State)> Projected
    {
        get
        {
            lock (_gate)
                return [.. _projected];
        }
    }

    private EpochRecord? Holder => _epochs.Count == 0 ? null : _epochs[^1];

    /// <summary>Makes the lease expire now.</summary>
    public void ExpireLease()
    {
        lock (_gate)
            _expiresAt = clock.GetUtcNow();
    }

    /// <summary>Completes at the next change made through any member.</summary>
    public Task WhenChanged()
    {
        lock (_gate)
            return _changed.Task;
    }

    /// <summary>Replaces chunk <paramref name="index"/> of a stored snapshot, as a failing disk might.</summary>
    public void DamageSnapshot(SnapshotManifest manifest, int index, Func<byte[], byte[]> damage)
    {
        lock (_gate)
        {
            var chunks = _snapshots[(manifest.Sequence, manifest.Epoch)].Chunks;
            chunks[index] = damage(chunks[index]);
        }
    }

    /// <summary>Replaces the journal's blocks, as a restore of the wrong backup would.</summary>
    public void ReplaceBlocks(IEnumerable<LogBlock> blocks)
    {
        lock (_gate)
        {
            _blocks.Clear();
            _blocks.AddRange(blocks);
        }
    }

    /// <summary>Sets the journal back to an earlier end, as a restore of a backup does.</summary>
    public void RestoreJournal(JournalHead head, IEnumerable<LogBlock> blocks)
    {
        lock (_gate)
            _head = head;
        ReplaceBlocks(blocks);
    }

    public Task<LeaseAttempt> TryAcquireAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            CheckDatabase();
            var now = clock.GetUtcNow();
            if (Holder is { } holder && holder.VolumeId != request.VolumeId && _expiresAt > now)
                return Task.FromResult(LeaseAttempt.HeldBy(holder.Epoch, holder.Holder, _expiresAt - now));
            var epoch = new Epoch(Math.Max(Holder?.Epoch.Value ?? 0, request.Above.Value) + 1);
            _epochs.Add(new EpochRecord(epoch, request.Holder, request.VolumeId, now));
            _expiresAt = now + request.TimeToLive;
            Change();
            return Task.FromResult(LeaseAttempt.Taken(epoch, request.Holder, request.TimeToLive, now));
        }
    }

    public Task RenewAsync(Epoch epoch, TimeSpan timeToLive, CancellationToken cancellationToken) => Run(() =>
    {
        CheckDatabase();
        CheckEpoch(epoch);
        if (_expiresAt != Released)
            _expiresAt = clock.GetUtcNow() + timeToLive;
        Change();
    });

    public Task ConfirmAsync(Epoch epoch, CancellationToken cancellationToken) => Run(() =>
    {
        CheckDatabase();
        if (Holder?.Epoch != epoch)
            throw new FencedException(epoch, Holder?.Epoch ?? Epoch.None, Holder?.Holder ?? "unknown");
    });

    public Task ReleaseAsync(Epoch epoch, CancellationToken cancellationToken) => Run(() =>
    {
        CheckDatabase();
        if (Holder?.Epoch == epoch)
            _expiresAt = Released;
        Change();
    });

    public Task<IReadOnlyList<EpochRecord>> ReadEpochsAfterAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            CheckDatabase();
            return Task.FromResult<IReadOnlyList<EpochRecord>>([.. _epochs.Where(record => record.Epoch > epoch)]);
        }
    }

    public Task RecordAsync(DivergedTail tail, CancellationToken cancellationToken) => Run(() =>
    {
        if (!RecordsAnswer)
            throw new StoreUnavailableException("memory", "the record does not answer");
        if (!_divergedTails.Contains(tail))
            _divergedTails.Add(tail);
        Change();
    });

    public Task<JournalHead> ReadHeadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            CheckDatabase();
            return Task.FromResult(_head);
        }
    }

    public Task ProjectAsync(
        Epoch epoch, Sequence end, IEnumerable<StateEntry> state, CancellationToken cancellationToken) => Run(() =>
    {
        CheckDatabase();
        CheckEpoch(epoch);
        _projected.Add((end, [.. state]));
    });

    public async IAsyncEnumerable<LogBlock> ReadAfterAsync(
        Sequence after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        foreach (var block in Blocks.Where(block => block.Last > after))
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_gate)
                CheckDatabase();
            yield return block;
        }
    }

    public async Task AppendAsync(Epoch epoch, IReadOnlyList<LogBlock> blocks, CancellationToken cancellationToken)
    {
        await BeforeAppend(blocks);
        lock (_gate)
        {
            CheckDatabase();
            CheckEpoch(epoch);
            var added = blocks.SkipWhile(block => block.Last <= _head.Last).ToList();
            var last = _head.Last;
            foreach (var block in added)
            {
                if (block.First != last.Next)
                    throw new JournalGapException(last, block.First);
                last = block.Last;
            }
            if (added is [.., var end])
                _head = new JournalHead(end.Last, end.Epoch, end.Digest);
            _blocks.AddRange(added.Select(block => block with { Encoded = block.Encoded.ToArray() }));
            Change();
        }
    }

    public Task TruncateThroughAsync(Epoch epoch, Sequence sequence, CancellationToken cancellationToken) => Run(() =>
    {
        CheckDatabase();
        CheckEpoch(epoch);
        _blocks.RemoveAll(block => block.Last <= sequence);
        Change();
    });

    public Task<IReadOnlyList<SnapshotManifest>> ListAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            CheckSnapshots();
            return Task.FromResult<IReadOnlyList<SnapshotManifest>>(
            [
                .. _snapshots.Values.Select(snapshot => snapshot.Manifest)
                    .OrderByDescending(manifest => manifest.Sequence)
                    .ThenByDescending(manifest => manifest.Epoch),
            ]);
        }
    }

    public async Task WriteAsync(
        SnapshotManifest manifest, IAsyncEnumerable<ReadOnlyMemory<byte>> chunks, CancellationToken cancellationToken)
    {
        var copies = new List<byte[]>();
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
            copies.Add(chunk.ToArray());
        lock (_gate)
        {
            CheckSnapshots();
            CheckEpoch(manifest.Epoch);
            _snapshots[(manifest.Sequence, manifest.Epoch)] = (manifest, copies);
            Change();
        }
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        SnapshotManifest manifest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        List<byte[]> chunks;
        lock (_gate)
        {
            CheckSnapshots();
            chunks = [.. _snapshots[(manifest.Sequence, manifest.Epoch)].Chunks];
        }
        foreach (var chunk in chunks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return chunk;
        }
    }

    public Task DeleteAsync(Epoch epoch, SnapshotManifest manifest, CancellationToken cancellationToken) => Run(() =>
    {
        CheckSnapshots();
        CheckEpoch(epoch);
        _snapshots.Remove((manifest.Sequence, manifest.Epoch));
        Change();
    });

    private Task Run(Action action)
    {
        try
        {
            lock (_gate)
                action();
            return Task.CompletedTask;
        }
        catch (Exception exception) when (exception is FencedException or StoreUnavailableException)
        {
            return Task.FromException(exception);
        }
    }

    private void CheckDatabase()
    {
        if (!DatabaseAnswers)
            throw new StoreUnavailableException("memory", "the test switched the database off");
    }

    private void CheckSnapshots()
    {
        if (!SnapshotsAnswer)
            throw new StoreUnavailableException("memory", "the test switched the snapshots off");
    }

    private void CheckEpoch(Epoch epoch)
    {
        if (Holder is not { } holder)
            throw new InvalidOperationException("The world was never opened.");
        if (epoch < holder.Epoch)
            throw new FencedException(epoch, holder.Epoch, holder.Holder);
    }

    private void Change()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }
}
