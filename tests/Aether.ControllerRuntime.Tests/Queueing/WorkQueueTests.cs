using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace Aether.ControllerRuntime.Tests.Queueing;

[Trait("Kind", "Unit")]
public sealed class WorkQueueTests : IDisposable
{
    private static readonly ObjectKey A = new("n", "a");
    private static readonly ObjectKey B = new("n", "b");

    private readonly FakeTimeProvider _clock = new();
    private readonly WorkQueue _queue;

    public WorkQueueTests()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8), () => 0.999999);
        var metrics = new ControllerRuntimeMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()));
        _queue = new WorkQueue("test", backoff, metrics, _clock);
    }

    [Fact]
    public async Task Keys_come_out_in_order_and_each_once()
    {
        _queue.Add(A);
        _queue.Add(B);
        _queue.Add(A);

        Assert.Equal(A, await TakeAsync());
        Assert.Equal(B, await TakeAsync());
        Assert.Null(await TryTakeAsync());
    }

    [Fact]
    public async Task Namespaces_take_turns_and_keys_of_one_keep_their_order()
    {
        foreach (var number in Enumerable.Range(0, 3))
            _queue.Add(new ObjectKey("large", $"l{number}"));
        _queue.Add(new ObjectKey("small", "s0"));
        _queue.Add(new ObjectKey(null, "c0"));
        var order = new List<string> { (await TakeAsync()).Name, (await TakeAsync()).Name };
        _queue.Add(new ObjectKey("small", "s1"));
        while (await TryTakeAsync() is { } key)
            order.Add(key.Name);

        Assert.Equal(["l0", "s0", "c0", "l1", "s1", "l2"], order);
    }

    [Fact]
    public async Task A_key_added_during_its_reconcile_is_handed_out_again_only_after_it()
    {
        _queue.Add(A);
        await TakeAsync();

        _queue.Add(A);
        _queue.Add(A);
        var next = TakeAsync();
        Assert.False(next.IsCompleted);
        _queue.Done(A);

        Assert.Equal(A, await next);
        _queue.Done(A);
        Assert.Null(await TryTakeAsync());
    }

    [Fact]
    public async Task Delayed_key_is_handed_out_when_it_is_due()
    {
        _queue.AddAfter(A, TimeSpan.FromSeconds(10));
        var next = TakeAsync();

        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(next.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(A, await next);
    }

    [Theory]
    [InlineData(5, 10)]
    [InlineData(10, 5)]
    public async Task Shorter_of_two_delays_counts(int first, int second)
    {
        _queue.AddAfter(A, TimeSpan.FromSeconds(first));
        _queue.AddAfter(A, TimeSpan.FromSeconds(second));

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(A, await TakeAsync());
        _queue.Done(A);
        _clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Null(await TryTakeAsync());
    }

    [Fact]
    public async Task A_reconcile_that_starts_cancels_the_delayed_one()
    {
        _queue.AddAfter(A, TimeSpan.FromSeconds(10));
        _queue.Add(A);
        await TakeAsync();
        _queue.Done(A);

        _clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Null(await TryTakeAsync());
    }

    [Fact]
    public async Task The_delay_of_a_failing_key_doubles_up_to_the_limit_until_it_is_forgotten()
    {
        var delays = new List<double>();
        foreach (var failure in Enumerable.Range(1, 6))
        {
            if (failure == 6)
                _queue.Forget(A);
            delays.Add(Math.Round(await DelayOfAsync(() => _queue.AddFailed(A))));
        }

        Assert.Equal([1, 2, 4, 8, 8, 1], delays);
    }

    [Fact]
    public async Task Each_key_has_its_own_backoff()
    {
        await DelayOfAsync(() => _queue.AddFailed(A));
        await DelayOfAsync(() => _queue.AddFailed(A));

        var other = await DelayOfAsync(() => _queue.AddFailed(B));

        Assert.Equal(1, Math.Round(other));
    }

    [Fact]
    public async Task Four_workers_hand_each_key_to_one_at_a_time_and_lose_none()
    {
        const int rounds = 2000;
        var cancellation = TestContext.Current.CancellationToken;
        var keys = Enumerable.Range(0, 5).Select(number => new ObjectKey("n", $"k{number}")).ToList();
        var state = keys.ToDictionary(key => key, _ => new Load());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        var workers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => WorkAsync(state, stop.Token), cancellation));
        var working = Task.WhenAll(workers);
        for (var round = 0; round < rounds; round++)
        {
            var key = keys[round % keys.Count];
            Interlocked.Increment(ref state[key].Asked);
            _queue.Add(key);
        }

        await Task.WhenAll(state.Values.Select(load => WhenSettledAsync(load, cancellation)));
        await stop.CancelAsync();
        await working;

        Assert.All(state.Values, load => Assert.Equal(1, load.Most));
    }

    public void Dispose() => _queue.Dispose();

    private async Task WorkAsync(Dictionary<ObjectKey, Load> state, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var key = await _queue.TakeAsync(cancellation);
                var load = state[key];
                load.Most = Math.Max(load.Most, Interlocked.Increment(ref load.Running));
                Volatile.Write(ref load.Served, Volatile.Read(ref load.Asked));
                await Task.Yield();
                Interlocked.Decrement(ref load.Running);
                _queue.Done(key);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
    }

    private static async Task WhenSettledAsync(Load load, CancellationToken cancellation)
    {
        while (Volatile.Read(ref load.Served) != Volatile.Read(ref load.Asked))
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellation);
    }

    private Task<ObjectKey> TakeAsync() => _queue.TakeAsync(TestContext.Current.CancellationToken).AsTask();

    // A queued key is returned at once; otherwise this does not wait for one.
    private async Task<ObjectKey?> TryTakeAsync()
    {
        using var now = new CancellationTokenSource();
        var take = _queue.TakeAsync(now.Token).AsTask();
        if (take.IsCompletedSuccessfully)
            return await take;
        await now.CancelAsync();
        return null;
    }

    // The timer fires on this thread while the clock advances, so no other thread has to run.
    private async Task<double> DelayOfAsync(Action add)
    {
        var started = _clock.GetUtcNow();
        add();
        ObjectKey? next;
        while ((next = await TryTakeAsync()) is null)
        {
            Assert.InRange(_clock.GetUtcNow() - started, TimeSpan.Zero, TimeSpan.FromMinutes(1));
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        _queue.Done(next.Value);
        return (_clock.GetUtcNow() - started).TotalSeconds;
    }

    private sealed class Load
    {
        public int Asked;
        public int Served;
        public int Running;
        public int Most;
    }
}
