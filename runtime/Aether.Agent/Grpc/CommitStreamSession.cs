using System.Threading.Channels;
using Aether.Agent.Worlds;
using Aether.Persistence;
using Grpc.Core;
using Wire = Aether.Persistence.V1;

namespace Aether.Agent.Grpc;

/// <summary>
/// One stream of pipelined commits. It keeps reading while earlier commits wait for their durability, until
/// <see cref="MaxInFlight"/> have no answer: then it stops reading, which makes the client wait.
/// </summary>
internal sealed class CommitStreamSession(
    WorldCommits commits,
    IAsyncStreamReader<Wire.StreamCommitRequest> requests,
    IServerStreamWriter<Wire.StreamCommitReply> responses) : IDisposable
{
    /// <summary>Most commits of one stream without a written answer.</summary>
    public const int MaxInFlight = 1024;

    // Even with the longest refusals, a reply stays below 4 MiB, the default limit of gRPC clients.
    private const int MaxAnswersPerReply = 256;

    private readonly SemaphoreSlim _room = new(MaxInFlight);
    private readonly Channel<Wire.StreamCommitAnswer> _answers = Channel.CreateUnbounded<Wire.StreamCommitAnswer>(
        new UnboundedChannelOptions { SingleReader = true });

    // Counts the reader and every commit in flight. The last of them to finish closes the channel of answers.
    private int _present = 1;

    // Why the runtime does not serve (yet, or any more). Commits after the first that got this answer must not be
    // tried: if the world started to serve in between, they would be applied without the first one, out of the client's
    // order.
    private volatile Refusal? _notServed;

    /// <summary>Runs until the client has sent its last commit and has all answers.</summary>
    /// <param name="gone">The client has gone.</param>
    /// <param name="stopping">
    /// The agent is stopping: nothing more is read, and commits that were read are answered.
    /// </param>
    /// <exception cref="RpcException">
    /// The world is not served; the client must repeat the commits without an answer.
    /// </exception>
    /// <exception cref="OperationCanceledException">The client has gone or the agent is stopping.</exception>
    public async Task RunAsync(CancellationToken gone, CancellationToken stopping)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(gone);
        using var read = CancellationTokenSource.CreateLinkedTokenSource(over.Token, stopping);
        var writing = WriteAnswersAsync(over);
        try
        {
            await ReadCommitsAsync(read.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            await over.CancelAsync();
            throw;
        }
        finally
        {
            Leave();
            await writing;
        }

        if (_notServed is { } refusal)
            throw GrpcRefusal.ToStatus(refusal);
    }

    /// <inheritdoc />
    public void Dispose() => _room.Dispose();

    private async Task ReadCommitsAsync(CancellationToken cancellationToken)
    {
        var wasAlone = false;
        while (_notServed is null && await requests.MoveNext(cancellationToken))
        {
            if (requests.Current.Commits.Count == 0)
                throw NoCommits();
            foreach (var commit in requests.Current.Commits)
            {
                await _room.WaitAsync(cancellationToken);
                if (_notServed is not null)
                    return;

                // If the client waits for each answer, no other commit can arrive meanwhile: flush its commit on this
                // thread, which saves waking another. A burst may also begin with a message of one commit, but not with
                // two such messages in a row.
                var isAlone = Interlocked.Increment(ref _present) == 2 && requests.Current.Commits.Count == 1;
                var pipelined = !(isAlone && wasAlone);
                wasAlone = isAlone;

                // Do not await the answer. The commit has its place in the log when this call returns, which keeps the
                // client's order.
                _ = AnswerAsync(commit, pipelined);
            }
        }
    }

    // Never faults: an unexpected exception ends the stream through the channel of answers. A stream that has ended
    // does not wait for this task, so the commit needs no cancellation.
    private async Task AnswerAsync(Wire.StreamCommit request, bool pipelined)
    {
        var answer = new Wire.StreamCommitAnswer { RequestId = request.RequestId };
        try
        {
            answer.Committed = WireMapping.ToReply(
                await commits.CommitAsync(WireMapping.ToCommit(request.Commit), pipelined, CancellationToken.None));
            _answers.Writer.TryWrite(answer);
        }
        catch (RuntimeUnavailableException e)
        {
            _notServed = Refusal.From(e);
        }
        catch (Exception e) when (Refusal.From(e) is { } refusal)
        {
            answer.Rejected = GrpcRefusal.ToRejection(refusal);
            _answers.Writer.TryWrite(answer);
        }
        catch (Exception e)
        {
            _answers.Writer.TryComplete(e);
        }
        finally
        {
            Leave();
        }
    }

    private async Task WriteAnswersAsync(CancellationTokenSource over)
    {
        // The message is serialized when the write completes, so it can be reused for the next one.
        var reply = new Wire.StreamCommitReply();
        try
        {
            while (await _answers.Reader.WaitToReadAsync(over.Token))
            {
                // The answers of one flush are available together and leave in one message.
                while (reply.Answers.Count < MaxAnswersPerReply && _answers.Reader.TryRead(out var answer))
                    reply.Answers.Add(answer);
                await responses.WriteAsync(reply, over.Token);
                _room.Release(reply.Answers.Count);
                reply.Answers.Clear();
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The task that reads requests reports the reason.
        }
        catch
        {
            await over.CancelAsync();
            throw;
        }
    }

    // Refuse an empty message: a client built from an older contract puts its commit in another field, and would wait
    // for ever.
    private static RpcException NoCommits() => new(new Status(
        StatusCode.InvalidArgument,
        "A message of CommitStream has no commits and must have at least 1: set StreamCommitRequest.commits, or use "
        + "the SDK of this agent's version."));

    private void Leave()
    {
        if (Interlocked.Decrement(ref _present) == 0)
            _answers.Writer.TryComplete();
    }
}
