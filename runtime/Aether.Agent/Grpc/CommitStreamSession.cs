using System.Threading.Channels;
using Aether.Agent.Worlds;
using Aether.Persistence;
using Grpc.Core;
using Wire = Aether.Persistence.V1;

namespace Aether.Agent.Grpc;

/// <summary>
/// One stream of pipelined commits. Reading goes on while earlier commits wait for their durability, until
/// <see cref="MaxInFlight"/> are without an answer: then the client is made to wait by not being read.
/// </summary>
internal sealed class CommitStreamSession(
    WorldCommits commits,
    IAsyncStreamReader<Wire.StreamCommitRequest> requests,
    IServerStreamWriter<Wire.StreamCommitReply> responses) : IDisposable
{
    /// <summary>Most commits of one stream whose answer is not written yet.</summary>
    public const int MaxInFlight = 1024;

    // With the longest refusals still below the 4 MiB that gRPC clients take unless told otherwise.
    private const int MaxAnswersPerReply = 256;

    private readonly SemaphoreSlim _room = new(MaxInFlight);
    private readonly Channel<Wire.StreamCommitAnswer> _answers = Channel.CreateUnbounded<Wire.StreamCommitAnswer>(
        new UnboundedChannelOptions { SingleReader = true });

    // The reader and each commit in flight; whoever leaves last closes the channel of answers.
    private int _present = 1;

    // Why nothing is served any more, or not yet. Commits behind it must not be tried: were they applied because the
    // world has come up meanwhile, the order the client sent would be broken.
    private volatile Refusal? _notServed;

    /// <summary>Runs until the client has sent its last commit and has every answer.</summary>
    /// <param name="gone">The client has gone.</param>
    /// <param name="stopping">The agent stops: nothing more is read, and what was read is answered.</param>
    /// <exception cref="RpcException">Nothing is served; what has no answer is for the client to repeat.</exception>
    /// <exception cref="OperationCanceledException">The one or the other.</exception>
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

                // Of a client that waits for each answer nothing else can come meanwhile: its commit is flushed here,
                // and no thread has to be woken. The first of many may come alone, too, but not twice in a row.
                var isAlone = Interlocked.Increment(ref _present) == 2 && requests.Current.Commits.Count == 1;
                var pipelined = !(isAlone && wasAlone);
                wasAlone = isAlone;

                // Not awaited, and in the log by the time it returns: that keeps the order the client sent.
                _ = AnswerAsync(commit, pipelined);
            }
        }
    }

    // Never faults: what is not an answer ends the stream through the channel of answers. A stream that is over does
    // not wait for it, and so it need not be told to give up.
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
        // Written out by the time a write ends, and so used again.
        var reply = new Wire.StreamCommitReply();
        try
        {
            while (await _answers.Reader.WaitToReadAsync(over.Token))
            {
                // The answers of one flush become due together and leave in one message.
                while (reply.Answers.Count < MaxAnswersPerReply && _answers.Reader.TryRead(out var answer))
                    reply.Answers.Add(answer);
                await responses.WriteAsync(reply, over.Token);
                _room.Release(reply.Answers.Count);
                reply.Answers.Clear();
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The reader tells why.
        }
        catch
        {
            await over.CancelAsync();
            throw;
        }
    }

    // Said, since a client made from an older contract puts its commit elsewhere, and would wait for ever.
    private static RpcException NoCommits() => new(new Status(
        StatusCode.InvalidArgument,
        "A message of CommitStream has no commits, where at least 1 is due: fill StreamCommitRequest.commits, or use "
        + "the SDK of this agent's version."));

    private void Leave()
    {
        if (Interlocked.Decrement(ref _present) == 0)
            _answers.Writer.TryComplete();
    }
}
