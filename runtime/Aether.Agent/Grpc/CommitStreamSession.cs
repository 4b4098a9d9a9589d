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

    private readonly SemaphoreSlim _room = new(MaxInFlight);
    private readonly Channel<Wire.StreamCommitReply> _replies = Channel.CreateUnbounded<Wire.StreamCommitReply>(
        new UnboundedChannelOptions { SingleReader = true });

    // The reader and each commit in flight; whoever leaves last closes the channel of replies.
    private int _present = 1;

    // Why nothing is served any more, or not yet. Commits behind it must not be tried: were they applied because the
    // world has come up meanwhile, the order the client sent would be broken.
    private volatile Refusal? _notServed;

    /// <summary>Runs until the client has sent its last commit and has every answer.</summary>
    /// <exception cref="RpcException">Nothing is served; what has no answer is for the client to repeat.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteRepliesAsync(over);
        try
        {
            await ReadCommitsAsync(over.Token);
        }
        catch
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
        while (_notServed is null && await requests.MoveNext(cancellationToken))
        {
            await _room.WaitAsync(cancellationToken);
            Interlocked.Increment(ref _present);

            // Not awaited, and in the log by the time it returns: that keeps the order the client sent.
            _ = AnswerAsync(requests.Current, cancellationToken);
        }
    }

    // Never faults: what is not an answer ends the stream through the channel of replies.
    private async Task AnswerAsync(Wire.StreamCommitRequest request, CancellationToken cancellationToken)
    {
        var reply = new Wire.StreamCommitReply { RequestId = request.RequestId };
        try
        {
            reply.Committed = WireMapping.ToReply(
                await commits.CommitAsync(WireMapping.ToCommit(request.Commit), pipelined: true, cancellationToken));
            _replies.Writer.TryWrite(reply);
        }
        catch (RuntimeUnavailableException e)
        {
            _notServed = Refusal.From(e);
        }
        catch (Exception e) when (Refusal.From(e) is { } refusal)
        {
            reply.Rejected = GrpcRefusal.ToRejection(refusal);
            _replies.Writer.TryWrite(reply);
        }
        catch (Exception e)
        {
            _replies.Writer.TryComplete(e);
        }
        finally
        {
            Leave();
        }
    }

    private async Task WriteRepliesAsync(CancellationTokenSource over)
    {
        try
        {
            await foreach (var reply in _replies.Reader.ReadAllAsync(CancellationToken.None))
            {
                // The replies of one flush become due together and leave in one write.
                responses.WriteOptions = new WriteOptions(
                    _replies.Reader.TryPeek(out _) ? WriteFlags.BufferHint : 0);
                await responses.WriteAsync(reply, over.Token);
                _room.Release();
            }
        }
        catch
        {
            await over.CancelAsync();
            throw;
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _present) == 0)
            _replies.Writer.TryComplete();
    }
}
