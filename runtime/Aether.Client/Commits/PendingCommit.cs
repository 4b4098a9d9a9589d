using Aether.Persistence.V1;

namespace Aether.Client;

/// <summary>A commit on its way through a stream.</summary>
internal sealed class PendingCommit
{
    private readonly WorldCommit _commit;
    private readonly LogPlaceTracker _seen;
    private readonly CommitRoom.Reservation _room;

    // Continuations run on another thread: the thread that reads answers must not run the caller's code.
    private readonly TaskCompletionSource<WorldCommitted> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes a commit that is handed over now.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="seen">Where the log is known to be.</param>
    /// <param name="room">What it takes, held until it is answered.</param>
    public PendingCommit(WorldCommit commit, LogPlaceTracker seen, CommitRoom.Reservation room)
    {
        _commit = commit;
        _seen = seen;
        _room = room;
        Request = commit.ToRequest(seen);
    }

    public bool IsRepeatable => _commit.IsRepeatable;

    /// <summary>The commit on the wire.</summary>
    public CommitRequest Request { get; private set; }

    /// <summary>Its size on the wire.</summary>
    public int Bytes => _room.BytesOnWire;

    public ulong RequestId { get; set; }

    public Task<WorldCommitted> Answer => _answer.Task;

    /// <summary>Makes it ready to be sent another time.</summary>
    public void SendAgain() => Request = _commit.ToRequest(_seen);

    // Release the room before completing the task: the caller that awaits it may send the next commit at once.
    public void Complete(WorldCommitted committed)
    {
        _room.Release();
        _answer.SetResult(committed);
    }

    public void Fail(Exception reason)
    {
        _room.Release();
        _answer.SetException(reason);
    }
}
