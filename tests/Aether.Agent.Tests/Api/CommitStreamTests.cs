using Aether.Agent.Tests.Support;
using Aether.Persistence.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Aether.Agent.Tests.Api;

public sealed class CommitStreamTests : LocalAgentTests
{
    private const int Commits = 5000;

    [Fact]
    public async Task Pipelined_commits_apply_in_the_order_sent_and_are_all_answered()
    {
        using var call = Grpc.CommitStream(cancellationToken: Cancellation);
        var answers = CollectAsync(call.ResponseStream);

        for (var i = 1; i <= Commits; i++)
            await call.RequestStream.WriteAsync(Request((ulong)i, $"{i % 7}", $"{i}"), Cancellation);
        await call.RequestStream.CompleteAsync();
        var replies = await answers;

        Assert.Equal(Commits, replies.Count);
        Assert.All(replies, reply => Assert.Equal(reply.RequestId, reply.Committed.Sequence));
    }

    [Fact]
    public async Task A_refused_commit_does_not_end_the_stream_and_carries_the_same_facts_as_alone()
    {
        using var call = Grpc.CommitStream(cancellationToken: Cancellation);
        var stale = Request(2, "a", "2");
        stale.Commit.Mutations[0].ExpectedVersion = 9;

        await call.RequestStream.WriteAsync(Request(1, "a", "1"), Cancellation);
        await call.RequestStream.WriteAsync(stale, Cancellation);
        await call.RequestStream.WriteAsync(new StreamCommitRequest { RequestId = 3 }, Cancellation);
        await call.RequestStream.WriteAsync(Request(4, "b", "4"), Cancellation);
        await call.RequestStream.CompleteAsync();
        var replies = (await CollectAsync(call.ResponseStream)).ToDictionary(reply => reply.RequestId);

        Assert.Equal((1UL, 2UL), (replies[1].Committed.Sequence, replies[4].Committed.Sequence));
        Assert.Equal(((int)StatusCode.Aborted, 1UL), (replies[2].Rejected.Code, replies[2].Rejected.CurrentVersion));
        Assert.Equal("kind%2Fa", replies[2].Rejected.Facts["aether-key"]);
        Assert.Equal((int)StatusCode.InvalidArgument, replies[3].Rejected.Code);
    }

    [Fact]
    public async Task A_client_that_reads_no_answer_is_made_to_wait_and_takes_nothing_from_others()
    {
        using var silent = Grpc.CommitStream(cancellationToken: Cancellation);
        using var patience = new CancellationTokenSource();
        var writing = WriteUntilAsync(silent.RequestStream, patience.Token);

        var other = await Grpc.CommitAsync(Request(1, "other", "1").Commit, cancellationToken: Cancellation);
        await patience.CancelAsync();
        await writing;

        Assert.NotEqual(0UL, other.Sequence);
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_the_agent_serving()
    {
        using (var call = Grpc.CommitStream(cancellationToken: Cancellation))
            await call.RequestStream.WriteAsync(Request(1, "a", "1"), Cancellation);

        var committed = await Grpc.CommitAsync(Request(2, "b", "2").Commit, cancellationToken: Cancellation);

        Assert.InRange(committed.Sequence, 1UL, 2UL);
    }

    private static StreamCommitRequest Request(ulong id, string key, string value) => new()
    {
        RequestId = id,
        Commit = new CommitRequest
        {
            Durability = Durability.Batched,
            Mutations =
            {
                new Mutation
                {
                    Key = new StateKey { Kind = "kind", Id = key },
                    Put = ByteString.CopyFromUtf8(value),
                },
            },
        },
    };

    private static async Task WriteUntilAsync(
        IClientStreamWriter<StreamCommitRequest> requests, CancellationToken cancellationToken)
    {
        try
        {
            for (ulong i = 1; ; i++)
                await requests.WriteAsync(Request(i, "silent", new string('x', 1000)), cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException)
        {
            return;
        }
    }

    private static async Task<List<StreamCommitReply>> CollectAsync(IAsyncStreamReader<StreamCommitReply> replies)
    {
        var collected = new List<StreamCommitReply>();
        await foreach (var reply in replies.ReadAllAsync(Cancellation))
            collected.Add(reply);
        return collected;
    }
}
