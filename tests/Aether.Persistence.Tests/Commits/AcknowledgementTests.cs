using System.Threading.Tasks.Sources;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;

namespace Aether.Persistence.Tests.Commits;

public sealed class AcknowledgementTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Acknowledgement_that_is_awaited_twice_is_not_handed_to_two_commits(bool inline)
    {
        var pool = new Acknowledgement.Pool(inline);
        var awaited = pool.Rent(ResultOf(1));
        IValueTaskSource<CommitResult> source = awaited;
        awaited.Complete();

        var results = (Take(source, 1), Take(source, 1));

        Assert.Equal((ResultOf(1), ResultOf(1)), results);
        Assert.NotSame(pool.Rent(ResultOf(2)), pool.Rent(ResultOf(3)));
    }

    [Fact]
    public void Reused_acknowledgement_gives_no_result_to_its_former_caller()
    {
        var pool = new Acknowledgement.Pool(inline: false);
        var used = pool.Rent(ResultOf(1));
        IValueTaskSource<CommitResult> source = used;
        used.Complete();
        Take(source, 1);
        Assert.Same(used, pool.Rent(ResultOf(2)));
        used.Complete();

        Assert.Throws<InvalidOperationException>(() => Take(source, 1));

        Assert.Equal(ResultOf(2), Take(source, 2));
    }

    [Fact]
    public void Cancelled_acknowledgement_is_never_reused()
    {
        var pool = new Acknowledgement.Pool(inline: false);
        var cancelled = pool.Rent(ResultOf(1));
        using var source = new CancellationTokenSource();
        cancelled.CancelWith(source.Token);
        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(
            () => Take(cancelled, 1));
        cancelled.Complete();

        Assert.NotSame(cancelled, pool.Rent(ResultOf(2)));
    }

    private static CommitResult Take(IValueTaskSource<CommitResult> source, short token) => source.GetResult(token);

    private static CommitResult ResultOf(ulong sequence) =>
        new(new Sequence(sequence), new Epoch(1), Durability.Fsync, Repeated: false);
}
