using Aether.Persistence.Contracts;
using Aether.Persistence.V1;

namespace Aether.Client;

/// <summary>A commit on its way through a stream.</summary>
internal sealed class PendingCommit
{
    // Room for what stands around it in a message.
    private const int MaxBytes = AetherNames.MaxMessageBytes - 1024;

    private readonly WorldCommit _commit;
    private readonly SeenPlace _seen;

    // Continuations run elsewhere: the reader of answers must not run a world's code.
    private readonly TaskCompletionSource<WorldCommitted> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes a commit that is handed over now.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="seen">Where the log is known to be.</param>
    public PendingCommit(WorldCommit commit, SeenPlace seen)
    {
        _commit = commit;
        _seen = seen;
        Request = commit.ToRequest(seen);
        Bytes = Request.CalculateSize();
    }

    public bool IsRepeatable => _commit.IsRepeatable;

    /// <summary>The commit on the wire.</summary>
    public CommitRequest Request { get; private set; }

    /// <summary>Its size on the wire.</summary>
    public int Bytes { get; }

    /// <summary>
    /// Why no message can hold it; null if one can. The agent would end the stream, and with it all others there.
    /// </summary>
    public InvalidCommitException? Refusal => Bytes <= MaxBytes ? null : new(
        $"mutations: {Bytes} bytes on the wire, must be at most {MaxBytes}", "mutations", MaxBytes, (ulong)Bytes, null);

    public ulong RequestId { get; set; }

    public Task<WorldCommitted> Answer => _answer.Task;

    /// <summary>Makes it ready to be sent another time.</summary>
    public void SendAgain() => Request = _commit.ToRequest(_seen);

    public void Complete(WorldCommitted committed) => _answer.TrySetResult(committed);

    public void Fail(Exception reason) => _answer.TrySetException(reason);
}
