using Aether.Persistence.V1;

namespace Aether.Client;

/// <summary>A commit in a stream.</summary>
internal sealed class PendingCommit
{
    private readonly WorldCommit _commit;
    private readonly LogPlaceTracker _seen;
    private readonly CommitRoom.Reservation _room;

    // Continuations run on another thread: the thread that reads answers must not run the caller's code.
    private readonly TaskCompletionSource<WorldCommitted> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Creates the state of a commit that its caller just handed over.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="seen">The known place of the log.</param>
    /// <param name="room">The room that the commit takes until it is answered.</param>
    public PendingCommit(WorldCommit commit, LogPlaceTracker seen, CommitRoom.Reservation room)
    {
        _commit = commit;
        _seen = seen;
        _room = room;
        Request = commit.ToRequest(seen);
    }

    public bool IsRepeatable => _commit.IsRepeatable;

    /// <summary>The commit as wire message.</summary>
    public CommitRequest Request { get; private set; }

    /// <summary>Size of the wire message.</summary>
    public int Bytes => _room.BytesOnWire;

    public ulong RequestId { get; set; }

    public Task<WorldCommitted> Answer => _answer.Task;

    /// <summary>Prepares the commit to be sent again.</summary>
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
