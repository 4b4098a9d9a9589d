using Aether.Persistence.Commits;
using Aether.Persistence.Recovery;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Runtime;

/// <summary>The parts of a runtime that exist once its world is recovered: write path, snapshots, log.</summary>
internal sealed class RunningWorld : IDisposable
{
    public required WritePath Path { get; init; }

    public required SnapshotRecorder Recorder { get; init; }

    /// <summary>The log; null for a world without one.</summary>
    public required WriteAheadLog? Log { get; init; }

    public required RecoveryReport Report { get; init; }

    /// <summary>The last commit that recovery found, and the epoch of its writer.</summary>
    public required (Sequence Last, Epoch Epoch) Found { get; init; }

    /// <summary>
    /// Whether the commit that was acknowledged under <paramref name="epoch"/> is part of this world. A history that
    /// ends with a block of a writer holds everything of that writer up to there. For earlier writers the answer is
    /// unknown, so it is no.
    /// </summary>
    public bool Holds(Sequence sequence, Epoch epoch, Epoch own) =>
        epoch == own || (epoch == Found.Epoch && sequence <= Found.Last);

    /// <summary>The acknowledged commits that only this process holds; null if a log or a snapshot holds all.</summary>
    public LostCommits? FindLost()
    {
        if (Log is not null || !Recorder.IsDue)
            return null;
        var health = Recorder.Health.Status;
        return new LostCommits(
            (Recorder.Last?.Sequence ?? Sequence.None).Next,
            Path.Reader.Measure().Sequence,
            health.Healthy ? "the time for the stop had run out." : health.Message);
    }

    /// <summary>How much the log uses and how much is queued for it; null without a log.</summary>
    public LogUsage? MeasureLog()
    {
        if (Log is null)
            return null;
        var (segments, bytes) = Log.Usage;
        return new LogUsage(segments, bytes, Log.Room, Path.Reader.QueuedBytes);
    }

    public void Dispose()
    {
        Path.Dispose();
        Recorder.Dispose();
    }
}
