using System.Threading.Channels;
using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Client;

/// <summary>
/// One call of CommitStream: sends what is unanswered, then what is queued, and hands the answers out.
/// </summary>
internal sealed class CommitStreamAttempt(
    World.WorldClient agent, ChannelReader<PendingCommit> queue, UnansweredCommits unanswered)
{
    /// <summary>Whether the agent answered anything, so that a later outage is a new one.</summary>
    public bool WasAnswered { get; private set; }

    /// <summary>
    /// Runs until the queue is completed and all is answered (null), or until nobody answers (the cause).
    /// </summary>
    public async Task<Exception?> RunAsync()
    {
        // Nothing to send means no call: an idle stream must not wear out its retries on an agent that is away.
        if (unanswered.InOrder().Count == 0 && !await queue.WaitToReadAsync())
            return null;

        using var call = agent.CommitStream();
        using var ended = new CancellationTokenSource();
        var receiving = ReceiveAsync(call.ResponseStream, ended);
        try
        {
            await SendAsync(call.RequestStream, ended.Token);
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException || Refusal.IsOutage(e))
        {
            // The call is over; the receiving side knows why.
        }

        try
        {
            await receiving;
        }
        catch (Exception e) when (Refusal.IsOutage(e))
        {
            return e;
        }

        return unanswered.InOrder().Count == 0 && queue.Completion.IsCompleted
            ? null
            : new IOException("The agent closed the commit stream.");
    }

    private async Task SendAsync(IClientStreamWriter<StreamCommitRequest> requests, CancellationToken ended)
    {
        foreach (var pending in unanswered.InOrder())
            await requests.WriteAsync(ToWire(pending), CancellationToken.None);

        while (await queue.WaitToReadAsync(ended))
        {
            await unanswered.WaitForRoomAsync(ended);
            var pending = await queue.ReadAsync(CancellationToken.None);
            unanswered.Add(pending);
            await requests.WriteAsync(ToWire(pending), CancellationToken.None);
        }

        await requests.CompleteAsync();
    }

    private async Task ReceiveAsync(IAsyncStreamReader<StreamCommitReply> replies, CancellationTokenSource ended)
    {
        try
        {
            while (await replies.MoveNext(CancellationToken.None))
            {
                WasAnswered = true;
                Answer(replies.Current);
            }
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    private void Answer(StreamCommitReply reply)
    {
        var pending = unanswered.Take(reply.RequestId);
        if (reply.ResultCase == StreamCommitReply.ResultOneofCase.Committed)
            pending?.Complete(Wire.ToCommitted(reply.Committed));
        else
            pending?.Fail(Refusal.From(reply.Rejected));
    }

    private static StreamCommitRequest ToWire(PendingCommit pending) =>
        new() { RequestId = pending.RequestId, Commit = pending.Commit.Request };
}
