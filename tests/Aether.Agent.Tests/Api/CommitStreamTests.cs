using Aether.Agent.Tests.Support;
using Aether.Client;
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
            await call.RequestStream.WriteAsync(Message(Request((ulong)i, $"{i % 7}", $"{i}")), Cancellation);
        await call.RequestStream.CompleteAsync();
        var replies = await answers;

        Assert.Equal(Commits, replies.Count);
        Assert.All(replies, reply => Assert.Equal(reply.RequestId, reply.Committed.Sequence));
    }

    [Fact]
    public async Task Message_with_more_commits_than_may_be_in_flight_is_applied_in_order_and_answered()
    {
        using var call = Grpc.CommitStream(cancellationToken: Cancellation);
        var answers = CollectAsync(call.ResponseStream);

        var message = Message([.. Enumerable.Range(1, Commits).Select(i => Request((ulong)i, $"{i % 7}", $"{i}"))]);
        await call.RequestStream.WriteAsync(message, Cancellation);
        await call.RequestStream.CompleteAsync();
        var replies = await answers;

        Assert.Equal(Commits, replies.Count);
        Assert.All(replies, reply => Assert.Equal(reply.RequestId, reply.Committed.Sequence));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refused_commit_does_not_end_the_stream_and_has_the_facts_of_a_single_call(bool together)
    {
        using var call = Grpc.CommitStream(cancellationToken: Cancellation);
        var stale = Request(2, "a", "2");
        stale.Commit.Mutations[0].ExpectedVersion = 9;

        StreamCommit[] sent = [Request(1, "a", "1"), stale, new StreamCommit { RequestId = 3 }, Request(4, "b", "4")];
        foreach (var message in together ? [Message(sent)] : sent.Select(commit => Message(commit)))
            await call.RequestStream.WriteAsync(message, Cancellation);
        await call.RequestStream.CompleteAsync();
        var replies = (await CollectAsync(call.ResponseStream)).ToDictionary(reply => reply.RequestId);

        Assert.Equal((1UL, 2UL), (replies[1].Committed.Sequence, replies[4].Committed.Sequence));
        Assert.Equal(((int)StatusCode.Aborted, 1UL), (replies[2].Rejected.Code, replies[2].Rejected.CurrentVersion));
        Assert.Equal("kind%2Fa", replies[2].Rejected.Facts["aether-key"]);
        Assert.Equal((int)StatusCode.InvalidArgument, replies[3].Rejected.Code);
    }

    [Fact]
    public async Task Queued_commits_beyond_one_message_are_sent_in_several_in_order()
    {
        await using var stream = Client.OpenCommitStream();
        var value = new byte[900_000];

        var committed = await Task.WhenAll(Enumerable.Range(0, 20).Select(version => stream.CommitAsync(
            new WorldCommit().Put(new("kind", "large"), value, (ulong)version), Cancellation)));

        Assert.Equal(Enumerable.Range(1, 20).Select(i => (ulong)i), committed.Select(one => one.Sequence));
    }

    [Theory]
    [InlineData(5 << 20)]
    [InlineData(17 << 20)]
    public async Task Oversized_commit_fails_and_the_stream_continues(int bytes)
    {
        await using var stream = Client.OpenCommitStream();

        var before = stream.CommitAsync(new WorldCommit().Put(new("kind", "a"), new byte[1]), Cancellation);
        var large = stream.CommitAsync(new WorldCommit().Put(new("kind", "b"), new byte[bytes]), Cancellation);
        var after = stream.CommitAsync(new WorldCommit().Put(new("kind", "c"), new byte[1]), Cancellation);

        var refused = await Assert.ThrowsAsync<InvalidCommitException>(() => large);
        Assert.True(refused.Actual > refused.Limit);
        Assert.Equal((1UL, 2UL), ((await before).Sequence, (await after).Sequence));
    }

    [Fact]
    public async Task Client_that_reads_no_answers_is_made_to_wait_without_affecting_others()
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
    public async Task Message_without_commits_is_refused()
    {
        using var call = Grpc.CommitStream(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(Message(), Cancellation);

        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("StreamCommitRequest.commits", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_keeps_serving_after_a_client_disconnects()
    {
        using (var call = Grpc.CommitStream(cancellationToken: Cancellation))
            await call.RequestStream.WriteAsync(Message(Request(1, "a", "1")), Cancellation);

        var committed = await Grpc.CommitAsync(Request(2, "b", "2").Commit, cancellationToken: Cancellation);

        Assert.InRange(committed.Sequence, 1UL, 2UL);
    }

    private static StreamCommitRequest Message(params StreamCommit[] commits) => new() { Commits = { commits } };

    private static StreamCommit Request(ulong id, string key, string value) => new()
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
                await requests.WriteAsync(Message(Request(i, "silent", new string('x', 1000))), cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException)
        {
            return;
        }
    }

    private static async Task<List<StreamCommitAnswer>> CollectAsync(IAsyncStreamReader<StreamCommitReply> replies)
    {
        var collected = new List<StreamCommitAnswer>();
        await foreach (var reply in replies.ReadAllAsync(Cancellation))
            collected.AddRange(reply.Answers);
        return collected;
    }
}
