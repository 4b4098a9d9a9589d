using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Operator.Tests.Provisioning;

[Trait("Kind", "Unit")]
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
    public async Task Users_of_an_unavailable_store_get_the_known_failure_at_once()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, DownAsync, Down("no route")));

        var failure = await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, NeverAsync, Done));

        Assert.Equal((StoreReason.Unreachable, "no route"), (failure.Reason, failure.Message));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task Probe_of_a_store_by_one_user_makes_no_other_user_wait()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, DownAsync, Down("no route")));
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
    public async Task Failure_of_one_user_while_the_store_answers_does_not_affect_the_others()
    {
        var own = await Assert.ThrowsAsync<ProvisioningException>(
            () => UseAsync(Here, () => Task.CompletedTask, Down("waited for a lock")));

        Assert.Equal("waited for a lock", own.Message);
        Assert.True(await UseAsync(Here, NeverAsync, Done));
    }

    [Fact]
    public async Task A_store_that_refuses_a_right_counts_as_available_and_each_user_gets_its_own_refusal()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, DownAsync, Down("no route")));
        _clock.Advance(TimeSpan.FromSeconds(1));

        var refused = await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, DenyAsync, DenyAsync));

        Assert.Equal(StoreReason.PermissionDenied, refused.Reason);
        Assert.True(await UseAsync(Here, NeverAsync, Done));
    }

    [Fact, Trait("Field", "F27")]
    public async Task Refused_credentials_are_tried_four_times_in_15_minutes_and_then_once_an_hour()
    {
        var tries = new List<double>();
        var start = _clock.GetUtcNow();
        for (var minute = 0; minute < 300; minute++)
        {
            var before = _asked;
            var refused = await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, RefuseAsync, Done));
            Assert.Equal((StoreReason.AuthenticationFailed, "wrong password"), (refused.Reason, refused.Message));
            if (_asked > before)
                tries.Add((_clock.GetUtcNow() - start).TotalMinutes);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([0, 1, 4, 13, 40, 100, 160, 220, 280], tries);
    }

    [Fact, Trait("Field", "F27")]
    public async Task Changed_credentials_are_tried_at_once_and_by_one_user_for_all()
    {
        var (old, changed) = (Here with { Credentials = "old" }, Here with { Credentials = "new" });
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(old, RefuseAsync, Done));
        var answer = new TaskCompletionSource();

        var first = UseAsync(changed, () => answer.Task, Done);
        var second = UseAsync(changed, NeverAsync, Done);
        Assert.False(second.IsCompleted);
        answer.SetResult();

        Assert.True(await first);
        Assert.True(await second);
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(old, NeverAsync, Done));
    }

    [Fact, Trait("Field", "F27")]
    public async Task Users_that_are_refused_together_count_as_one_attempt()
    {
        Assert.True(await UseAsync(Here, () => Task.CompletedTask, Done));
        var refusal = new TaskCompletionSource<bool>();
        var users = Enumerable.Range(0, 8).Select(_ => UseAsync(Here, NeverAsync, () => refusal.Task)).ToList();
        refusal.SetException(new ProvisioningException(StoreReason.AuthenticationFailed, "wrong password"));
        foreach (var user in users)
            await Assert.ThrowsAsync<ProvisioningException>(() => user);

        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, NeverAsync, Done));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await UseAsync(Here, () => Task.CompletedTask, Done));
    }

    [Fact]
    public async Task Pauses_between_probes_double_up_to_ten_seconds()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, DownAsync, Down("no route")));

        var pauses = new List<double>();
        for (var question = 2; question <= 1100; question++)
        {
            var since = _clock.GetUtcNow();
            while (_asked < question)
            {
                _clock.Advance(TimeSpan.FromSeconds(0.5));
                await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, DownAsync, Done));
            }

            pauses.Add((_clock.GetUtcNow() - since).TotalSeconds);
        }

        Assert.Equal([0.5, 1, 2, 4, 8, 10, 10], pauses.Take(7));
        Assert.All(pauses.Skip(7), pause => Assert.Equal(10, pause));
    }

    [Fact]
    public async Task Unavailable_store_does_not_affect_another_store()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, DownAsync, Down("no route")));

        Assert.True(await UseAsync(Elsewhere, () => Task.CompletedTask, Done));
    }

    [Fact]
    public async Task User_that_cancels_a_probe_leaves_the_probe_to_the_next()
    {
        await Assert.ThrowsAsync<ProvisioningException>(() => UseAsync(Here, DownAsync, Down("no route")));
        _clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<OperationCanceledException>(() => UseAsync(
            Here, () => throw new OperationCanceledException(), Done));

        Assert.True(await UseAsync(Here, () => Task.CompletedTask, Done));
        Assert.Equal(3, _asked);
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

    private static Task NeverAsync() => throw new InvalidOperationException("The store must not be used.");

    private static Task DownAsync() => Down("no route")();

    private static Func<Task<bool>> Down(string message) =>
        () => Task.FromException<bool>(new ProvisioningException(StoreReason.Unreachable, message));

    private static Task<bool> DenyAsync() =>
        Task.FromException<bool>(new ProvisioningException(StoreReason.PermissionDenied, "no right"));

    private static Task<bool> RefuseAsync() =>
        Task.FromException<bool>(new ProvisioningException(StoreReason.AuthenticationFailed, "wrong password"));
}
