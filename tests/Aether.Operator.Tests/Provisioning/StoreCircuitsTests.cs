using Aether.Operator.Provisioning;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Operator.Tests.Provisioning;

public sealed class StoreCircuitsTests
{
    private static readonly StorePlace Here = new(StoreName.Redis, "10.0.0.1:6379", "");
    private static readonly StorePlace Elsewhere = Here with { Address = "10.0.0.2:6379" };

    private readonly FakeTimeProvider _clock = new();
    private readonly StoreCircuits _circuits;
    private int _asked;

    public StoreCircuitsTests() => _circuits = new StoreCircuits(
        new OperatorOptions { BackoffBase = TimeSpan.FromSeconds(1) }, _clock, NullLogger<StoreCircuits>.Instance);

    [Fact]
    public async Task While_a_store_is_away_its_users_are_told_at_once_what_was_found()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, AwayAsync, Away("no route")));

        var told = await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, NeverAsync, Done));

        Assert.Equal((StoreReasons.Unreachable, "no route"), (told.Reason, told.Message));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task While_one_asks_a_store_that_was_away_nobody_else_waits_for_it()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, AwayAsync, Away("no route")));
        _clock.Advance(TimeSpan.FromSeconds(1));
        var answer = new TaskCompletionSource();

        var asking = UseAsync(Here, () => answer.Task, Done);
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, NeverAsync, Done));
        Assert.False(asking.IsCompleted);
        answer.SetResult();

        Assert.True(await asking);
        Assert.True(await UseAsync(Here, NeverAsync, Done));
    }

    [Fact]
    public async Task What_fails_for_one_user_while_the_store_answers_is_not_held_against_the_others()
    {
        var own = await Assert.ThrowsAsync<ProvisioningException>(
            () => UseAsync(Here, () => Task.CompletedTask, Away("waited for a lock")));

        Assert.Equal("waited for a lock", own.Message);
        Assert.True(await UseAsync(Here, NeverAsync, Done));
    }

    [Fact]
    public async Task A_store_that_refuses_is_not_away_and_whoever_uses_it_hears_what_it_says()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, AwayAsync, Away("no route")));
        _clock.Advance(TimeSpan.FromSeconds(1));

        var refused = await Assert.ThrowsAsync<ProvisioningException>(
            () => UseAsync(Here, RefuseAsync, RefuseAsync));

        Assert.Equal(StoreReasons.AuthenticationFailed, refused.Reason);
        Assert.True(await UseAsync(Here, NeverAsync, Done));
    }

    [Fact]
    public async Task The_pauses_between_questions_double_up_to_ten_seconds()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, AwayAsync, Away("no route")));

        var pauses = new List<double>();
        for (var question = 2; question <= 1100; question++)
        {
            var since = _clock.GetUtcNow();
            while (_asked < question)
            {
                _clock.Advance(TimeSpan.FromSeconds(0.5));
                await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, AwayAsync, Done));
            }

            pauses.Add((_clock.GetUtcNow() - since).TotalSeconds);
        }

        Assert.Equal([0.5, 1, 2, 4, 8, 10, 10], pauses.Take(7));
        Assert.All(pauses.Skip(7), pause => Assert.Equal(10, pause));
    }

    [Fact]
    public async Task A_store_that_is_away_says_nothing_of_another_one()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, AwayAsync, Away("no route")));

        Assert.True(await UseAsync(Elsewhere, NeverAsync, Done));
    }

    [Fact]
    public async Task Whoever_gives_up_asking_leaves_the_store_to_the_next()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, AwayAsync, Away("no route")));
        _clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<OperationCanceledException>(() => UseAsync(
            Here, () => throw new OperationCanceledException(), Done));

        Assert.True(await UseAsync(Here, NeverAsync, Done));
    }

    private Task<bool> UseAsync(StorePlace place, Func<Task> ask, Func<Task<bool>> use) => _circuits.UseAsync(
        place,
        () =>
        {
            _asked++;
            return ask();
        },
        use);

    private static Task<bool> Done() => Task.FromResult(true);

    private static Task NeverAsync() => throw new InvalidOperationException("Nobody was to ask.");

    private static Task AwayAsync() => Away("no route")();

    private static Func<Task<bool>> Away(string message) =>
        () => Task.FromException<bool>(new ProvisioningException(StoreReasons.Unreachable, message));

    private static Task<bool> RefuseAsync() =>
        Task.FromException<bool>(new ProvisioningException(StoreReasons.AuthenticationFailed, "wrong password"));
}
