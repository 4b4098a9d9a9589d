using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Client;

/// <summary>Commits that are sent in one message, in the order in which they were added.</summary>
internal sealed class CommitBatch(IClientStreamWriter<StreamCommitRequest> requests)
{
    /// <summary>Far below the agent's limit of a message. A larger commit is sent alone.</summary>
    public const int MaxBytes = 256 << 10;

    private const int MaxCommits = 256;

    // Reused: the message is serialized by the time a write ends.
    private readonly StreamCommitRequest _message = new();
    private int _bytes;

    public bool IsEmpty => _message.Commits.Count == 0;

    public bool HasRoomFor(PendingCommit pending) =>
        IsEmpty || (_message.Commits.Count < MaxCommits && _bytes + pending.Bytes <= MaxBytes);

    public void Add(PendingCommit pending)
    {
        _message.Commits.Add(new StreamCommit { RequestId = pending.RequestId, Commit = pending.Request });
        _bytes += pending.Bytes;
    }

    public async Task SendAsync()
    {
        await requests.WriteAsync(_message, CancellationToken.None);
        _message.Commits.Clear();
        _bytes = 0;
    }
}
