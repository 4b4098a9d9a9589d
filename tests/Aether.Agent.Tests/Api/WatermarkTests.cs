using Aether.Agent.Tests.Support;
using Aether.Persistence.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Aether.Agent.Tests.Api;

public sealed class WatermarkTests : LocalAgentTests
{
    [Fact]
    public async Task Single_wait_makes_many_weaker_commits_durable()
    {
        ulong last = 0;
        for (var i = 0; i < 100; i++)
            last = await CommitAsync($"k{i}", Durability.Memory);

        var reached = await Grpc.WaitForAsync(new WaitForRequest { Sequence = last }, cancellationToken: Cancellation);

        Assert.Equal(100UL, last);
        Assert.InRange(reached.DurableSequence, last, reached.Sequence);
    }

    [Fact]
    public async Task Watermarks_come_at_once_and_then_as_they_rise()
    {
        await CommitAsync("a");
        using var watching = Grpc.WatchWatermarks(new WatchWatermarksRequest(), cancellationToken: Cancellation);
        Assert.True(await watching.ResponseStream.MoveNext(Cancellation));
        var first = watching.ResponseStream.Current;

        await CommitAsync("a");
        Assert.True(await watching.ResponseStream.MoveNext(Cancellation));
        var second = watching.ResponseStream.Current;

        Assert.Equal((1UL, 1UL), (first.Sequence, first.DurableSequence));
        Assert.Equal((2UL, 2UL), (second.Sequence, second.DurableSequence));
    }

    [Theory]
    [InlineData(7, Durability.Fsync, "sequence: 7 is not the sequence of a commit yet; the last commit is 0")]
    [InlineData(0, Durability.Batched, "callers cannot wait for Batched")]
    [InlineData(0, Durability.Replicated, "no journal")]
    public async Task Wait_for_a_durability_or_sequence_that_never_comes_is_refused(
        ulong sequence, Durability durability, string reason)
    {
        var request = new WaitForRequest { Sequence = sequence, Durability = durability };

        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await Grpc.WaitForAsync(request, cancellationToken: Cancellation));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains(reason, refused.Status.Detail, StringComparison.Ordinal);
    }

    private async Task<ulong> CommitAsync(string id, Durability durability = Durability.Fsync)
    {
        var put = new Mutation { Key = new StateKey { Kind = "kind", Id = id }, Put = ByteString.CopyFromUtf8("v") };
        var request = new CommitRequest { Mutations = { put }, Durability = durability };
        return (await Grpc.CommitAsync(request, cancellationToken: Cancellation)).Sequence;
    }
}
