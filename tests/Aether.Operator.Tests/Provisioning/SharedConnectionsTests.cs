using Aether.Operator.Provisioning;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Operator.Tests.Provisioning;

[Trait("Kind", "Unit")]
public sealed class SharedConnectionsTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<Connection> _opened = [];
    private readonly SharedConnections<Connection> _shared;

    public SharedConnectionsTests() => _shared = new SharedConnections<Connection>(
        connection => connection.IsUsable,
        exception => exception switch
        {
            IOException => ConnectionFault.Stale,
            TimeoutException => ConnectionFault.Suspect,
            _ => ConnectionFault.None,
        },
        _clock);

    public ValueTask DisposeAsync() => _shared.DisposeAsync();

    [Fact]
    public async Task Concurrent_uses_of_one_key_share_a_connection_and_other_keys_do_not()
    {
        var opening = new TaskCompletionSource();
        var first = _shared.UseAsync("a", () => OpenAsync(opening.Task), Task.FromResult);
        var second = _shared.UseAsync("a", () => OpenAsync(opening.Task), Task.FromResult);
        opening.SetResult();

        var other = await UseAsync("b");

        Assert.Same(await first, await second);
        Assert.NotSame(await first, other);
        Assert.Equal(2, _opened.Count);
    }

    [Fact]
    public async Task Connection_is_closed_once_nobody_used_it_for_a_while()
    {
        var first = await UseAsync("a");
        _clock.Advance(SharedConnections<Connection>.IdleFor / 2);
        var second = await UseAsync("a");
        _clock.Advance(SharedConnections<Connection>.IdleFor / 2);
        var before = first.IsDisposed;
        _clock.Advance(SharedConnections<Connection>.IdleFor);

        Assert.Same(first, second);
        Assert.False(before);
        await first.Disposed.Task;
        Assert.Equal(0, _shared.Count);
    }

    [Fact]
    public async Task Connection_in_use_is_never_closed_as_idle()
    {
        var end = new TaskCompletionSource<bool>();
        var running = _shared.UseAsync("a", () => OpenAsync(Task.CompletedTask), _ => end.Task);

        _clock.Advance(SharedConnections<Connection>.IdleFor * 2);

        Assert.False(Assert.Single(_opened).IsDisposed);
        end.SetResult(true);
        await running;
    }

    [Fact]
    public async Task Use_of_a_connection_that_was_cut_is_repeated_on_a_new_one()
    {
        var cut = await UseAsync("a");

        var used = await _shared.UseAsync("a", () => OpenAsync(Task.CompletedTask), connection =>
            connection == cut ? throw new IOException() : Task.FromResult(connection));

        Assert.NotSame(cut, used);
        await cut.Disposed.Task;
        Assert.Same(used, await UseAsync("a"));
    }

    [Fact]
    public async Task Use_that_fails_on_its_own_connection_is_not_repeated_and_the_connection_is_replaced()
    {
        await Assert.ThrowsAsync<IOException>(() => FailAsync(new IOException()));
        await UseAsync("a");

        await Assert.ThrowsAsync<TimeoutException>(() => FailAsync(new TimeoutException()));
        await UseAsync("a");

        Assert.Equal(3, _opened.Count);
    }

    [Fact]
    public async Task Answer_of_the_server_keeps_the_connection()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => FailAsync(new InvalidOperationException()));

        Assert.Same(Assert.Single(_opened), await UseAsync("a"));
    }

    [Fact]
    public async Task Failed_attempt_to_open_fails_all_that_wait_and_the_next_use_tries_again()
    {
        var opening = new TaskCompletionSource();
        var waiting = Enumerable.Range(0, 2).Select(_ => _shared.UseAsync(
            "a", () => OpenAsync(opening.Task), Task.FromResult)).ToList();

        opening.SetException(new IOException());

        foreach (var use in waiting)
            await Assert.ThrowsAsync<IOException>(() => use);
        Assert.Equal(0, _shared.Count);
        Assert.Same(await UseAsync("a"), Assert.Single(_opened));
    }

    [Fact]
    public async Task Connection_that_its_client_reports_as_cut_is_replaced_before_its_use()
    {
        var cut = await UseAsync("a");
        cut.IsUsable = false;

        Assert.NotSame(cut, await UseAsync("a"));
        await cut.Disposed.Task;
    }

    [Fact]
    public async Task Connection_is_replaced_after_its_longest_time_even_if_it_is_used_all_the_time()
    {
        var first = await UseAsync("a");
        for (var used = TimeSpan.Zero; used < SharedConnections<Connection>.UsedFor; used += TimeSpan.FromMinutes(1))
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await UseAsync("a");
        }

        Assert.Equal(2, _opened.Count);
        await first.Disposed.Task;
    }

    [Fact]
    public async Task Replaced_connection_is_closed_by_its_last_user()
    {
        var end = new TaskCompletionSource<bool>();
        var running = _shared.UseAsync("a", () => OpenAsync(Task.CompletedTask), _ => end.Task);
        await Assert.ThrowsAsync<TimeoutException>(() => FailAsync(new TimeoutException()));
        var replaced = Assert.Single(_opened);

        await UseAsync("a");
        var before = replaced.IsDisposed;
        end.SetResult(true);
        await running;

        Assert.False(before);
        await replaced.Disposed.Task;
    }

    [Fact]
    public async Task Disposal_closes_every_connection()
    {
        await UseAsync("a");
        await UseAsync("b");

        await _shared.DisposeAsync();

        Assert.All(_opened, connection => Assert.True(connection.IsDisposed));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => UseAsync("a"));
    }

    private Task<Connection> UseAsync(string key) =>
        _shared.UseAsync(key, () => OpenAsync(Task.CompletedTask), Task.FromResult);

    private Task<Connection> FailAsync(Exception exception) => _shared.UseAsync(
        "a", () => OpenAsync(Task.CompletedTask), _ => Task.FromException<Connection>(exception));

    private async Task<Connection> OpenAsync(Task opening)
    {
        await opening;
        var connection = new Connection();
        _opened.Add(connection);
        return connection;
    }

    private sealed class Connection : IAsyncDisposable
    {
        public bool IsUsable { get; set; } = true;

        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsDisposed => Disposed.Task.IsCompleted;

        public ValueTask DisposeAsync()
        {
            Disposed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
