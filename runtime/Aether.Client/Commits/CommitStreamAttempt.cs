using System.Threading.Channels;
using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Client;

/// <summary>
/// One call of CommitStream: sends the unanswered commits, then the queued ones, and delivers the answers.
/// </summary>
internal sealed class CommitStreamAttempt(
    World.WorldClient agent, LogPlaceTracker seen, ChannelReader<PendingCommit> queue, UnansweredCommits unanswered)
{
    /// <summary>
    /// Whether the agent has answered anything, or no commit was waiting, so that a later outage is a new one.
    /// </summary>
    public bool WasAnswered { get; private set; } = unanswered.InOrder().Count == 0;

    /// <summary>
    /// Runs until the queue is completed and every commit is answered (null), or until the agent does not answer (the
    /// cause).
    /// </summary>
    public async Task<Exception?> RunAsync()
    {
        // Without anything to send, no call is made: an idle stream must not use up its retries while the agent is
        // unavailable.
        if (unanswered.InOrder().Count == 0 && !await queue.WaitToReadAsync())
            return null;

        using var call = agent.CommitStream();
        using var ended = new CancellationTokenSource();
        var receiving = ReceiveAsync(call.ResponseStream, ended);
        try
        {
            await SendAsync(call.RequestStream, ended.Token);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException
            || Refusal.IsOutage(e))
        {
            // The call has ended. The receiving side knows the reason, and an error of the sending side adds nothing.
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
        var batch = new CommitBatch(requests);
        foreach (var pending in unanswered.InOrder())
        {
            pending.SendAgain();
            if (!batch.HasRoomFor(pending))
                await batch.SendAsync();
            batch.Add(pending);
        }

        if (!batch.IsEmpty)
            await batch.SendAsync();

        // Commits that are queued while a message is being sent leave together in the next message.
        while (await queue.WaitToReadAsync(ended))
        {
            await unanswered.WaitForRoomAsync(ended);
            var next = await queue.ReadAsync(CancellationToken.None);
            unanswered.Add(next);
            batch.Add(next);
            while (queue.TryPeek(out next) && batch.HasRoomFor(next) && unanswered.TryTakeRoom())
            {
                next = await queue.ReadAsync(CancellationToken.None);
                unanswered.Add(next);
                batch.Add(next);
            }

            await batch.SendAsync();
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
                foreach (var answer in replies.Current.Answers)
                    Answer(answer);
            }
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    private void Answer(StreamCommitAnswer answer)
    {
        var pending = unanswered.Take(answer.RequestId);
        if (answer.ResultCase != StreamCommitAnswer.ResultOneofCase.Committed)
        {
            pending?.Fail(Refusal.From(answer.Rejected));
            return;
        }

        seen.Record(answer.Committed.Epoch, answer.Committed.Sequence);
        pending?.Complete(Wire.ToCommitted(answer.Committed));
    }
}
