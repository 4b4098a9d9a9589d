using Aether.Persistence.Commits;
using Aether.Persistence.Recovery;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Tests.Wal;

/// <summary>
/// A world that consists of a log only, driven by one thread, so that a schedule of faults always has the same effect.
/// </summary>
internal sealed class LogWorld : IDisposable
{
    public const string WorldId = "world-under-test";

    private readonly WriteAheadLog _log;
    private readonly Epoch _epoch;

    private LogWorld(WriteAheadLog log, WorldState state, Epoch epoch)
    {
        _log = log;
        State = state;
        _epoch = epoch;
    }

    public WorldState State { get; }

    public WriteAheadLog Log => _log;

    public static PersistenceOptions Options { get; } =
        new() { WorldId = WorldId, Holder = "test", SegmentBytes = 4096 };

    /// <summary>Opens the log, replays it, and starts a segment under the next epoch.</summary>
    public static LogWorld Open(IFileSystem files, long segmentBytes = 4096)
    {
        var stored = LogOpening.Open(files, WorldId, segmentBytes);
        var state = new WorldState(Options);
        var replayer = new Replayer(state);
        foreach (var block in stored.ReadAfter(Sequence.None))
            replayer.Replay(block, "log");
        var end = replayer.End ?? new LogEnd(Sequence.None, Epoch.None, Checksum: null);
        var epoch = new Epoch(end.Epoch.Value + 1);
        if (stored.End is null)
            stored.Clear();
        return new LogWorld(stored.Start(epoch, end), state, epoch);
    }

    /// <summary>Applies commits and syncs them as one block.</summary>
    public void Append(params Mutation[][] commits) =>
        Append([.. commits.Select(mutations => new Commit(mutations))]);

    public void Append(params Commit[] commits)
    {
        var block = new PendingBlock();
        block.Begin(State.Sequence.Next);
        foreach (var commit in commits)
        {
            var draft = CommitDraft.Of(commit);
            State.Apply(draft.Encoded, draft.Stamp(State.CommittedAt.AddMilliseconds(1)), draft.Changes, _epoch);
            block.Add(draft.Encoded, State.Sequence, State.CommittedAt);
        }

        block.Seal(State.Store.Digest);
        var (closed, checksum) = block.Close(_epoch, _log.End.Checksum ?? 0);
        _log.Write(closed);
        _log.Sync(closed, checksum);
    }

    /// <summary>
    /// Appends blocks of puts and deletes, with and without idempotency keys, identical in every run.
    /// </summary>
    public void AppendSamples(int blocks)
    {
        for (var block = 0; block < blocks; block++)
        {
            var commits = Enumerable.Range(0, 1 + (block % 3)).Select(i => new Commit(
                [
                    Mutation.Put(new StateKey("item", $"{(block * 7) + i}"), new byte[block * 9].Select(
                        (_, at) => (byte)(at + block)).ToArray()),
                    Mutation.Put(new StateKey("player", $"ñ{i}"), new byte[] { (byte)block }),
                    Mutation.Delete(new StateKey("item", $"{block}")),
                ],
                IdempotencyKey: i == 1 ? $"once-{block}" : null));
            Append([.. commits]);
        }
    }

    public void Dispose() => _log.Dispose();
}
