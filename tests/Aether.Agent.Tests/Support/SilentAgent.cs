using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Agent.Tests.Support;

/// <summary>An agent that accepts commits and answers them only after <see cref="Speak"/>, in their order.</summary>
internal sealed class SilentAgent : StandInAgent
{
    private readonly TaskCompletionSource _speaks = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _came = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _sequence;

    /// <summary>Completes when a commit, or a stream of commits, has arrived.</summary>
    public Task CommitCame => _came.Task;

    public static Task<SilentAgent> StartAsync(string socketPath) => StartAsync(new SilentAgent(), socketPath);

    /// <summary>Answers all past and future commits.</summary>
    public void Speak() => _speaks.TrySetResult();

    public override async Task<CommitReply> Commit(CommitRequest request, ServerCallContext context)
    {
        _came.TrySetResult();
        await _speaks.Task.WaitAsync(context.CancellationToken);
        return Reply();
    }

    public override async Task CommitStream(
        IAsyncStreamReader<StreamCommitRequest> requestStream, IServerStreamWriter<StreamCommitReply> responseStream,
        ServerCallContext context)
    {
        _came.TrySetResult();
        await _speaks.Task.WaitAsync(context.CancellationToken);
        await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken))
        {
            var reply = new StreamCommitReply();
            reply.Answers.AddRange(message.Commits.Select(
                commit => new StreamCommitAnswer { RequestId = commit.RequestId, Committed = Reply() }));
            await responseStream.WriteAsync(reply, context.CancellationToken);
        }
    }

    private CommitReply Reply() => new() { Epoch = 1, Sequence = Interlocked.Increment(ref _sequence) };
}
