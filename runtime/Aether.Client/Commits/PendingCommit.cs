namespace Aether.Client;

/// <summary>A commit on its way through a stream.</summary>
internal sealed class PendingCommit(WorldCommit commit)
{
    // Continuations run elsewhere: the reader of answers must not run a world's code.
    private readonly TaskCompletionSource<WorldCommitted> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WorldCommit Commit { get; } = commit;

    /// <summary>Its size on the wire.</summary>
    public int Bytes { get; } = commit.Request.CalculateSize();

    public ulong RequestId { get; set; }

    public Task<WorldCommitted> Answer => _answer.Task;

    public void Complete(WorldCommitted committed) => _answer.TrySetResult(committed);

    public void Fail(Exception reason) => _answer.TrySetException(reason);
}
