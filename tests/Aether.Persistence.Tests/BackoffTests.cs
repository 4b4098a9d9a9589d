using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests;

public sealed class BackoffTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_attempt_is_repeated_until_its_store_answers_and_every_outage_is_reported()
    {
        var attempts = 0;
        var outages = new List<string>();

        var answer = Backoff.RetryAsync(
            () => ++attempts < 4 ? throw Outage($"{attempts}") : Task.FromResult("answer"),
            outage => outages.Add(outage.Message),
            _clock,
            Cancellation);
        await PassTimeUntilEndOf(answer);

        Assert.Equal("answer", await answer);
        Assert.Equal([Outage("1").Message, Outage("2").Message, Outage("3").Message], outages);
    }

    [Fact]
    public async Task A_wait_between_two_attempts_is_at_least_50_ms()
    {
        var attempts = 0;
        var retrying = Backoff.RetryAsync(
            () => ++attempts == 1 ? throw Outage("down") : Task.CompletedTask, _ => { }, _clock, Cancellation);

        _clock.Advance(TimeSpan.FromMilliseconds(49));
        var attemptsBefore = attempts;
        await PassTimeUntilEndOf(retrying);

        Assert.Equal((1, 2), (attemptsBefore, attempts));
    }

    [Fact]
    public async Task Another_exception_of_an_attempt_ends_the_repetition()
    {
        var fenced = new FencedException(new Epoch(1), new Epoch(2), "another");

        var refusal = await Assert.ThrowsAsync<FencedException>(
            () => Backoff.RetryAsync(() => Task.FromException(fenced), _ => { }, _clock, Cancellation));

        Assert.Same(fenced, refusal);
    }

    [Fact]
    public async Task An_exception_of_the_callback_ends_the_repetition()
    {
        var attempts = 0;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Backoff.RetryAsync(
            () =>
            {
                attempts++;
                throw Outage("down");
            },
            outage => throw outage,
            _clock,
            Cancellation));

        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task A_cancellation_ends_the_wait_for_the_next_attempt()
    {
        using var cancelled = new CancellationTokenSource();
        var retrying = Backoff.RetryAsync(
            () => Task.FromException(Outage("down")), _ => { }, _clock, cancelled.Token);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => retrying);
    }

    private static StoreUnavailableException Outage(string reason) => new("store", reason);

    private async Task PassTimeUntilEndOf(Task task)
    {
        while (!task.IsCompleted)
        {
            Cancellation.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
    }
}
