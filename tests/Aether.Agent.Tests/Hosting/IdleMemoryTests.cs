using Aether.Agent.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Agent.Tests.Hosting;

[Trait("Kind", "Unit")]
public sealed class IdleMemoryTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeHeap _heap = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _running;

    public IdleMemoryTests() => _running = new IdleMemory(_heap, _clock).RunAsync(_ended.Token);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _running;
        _ended.Dispose();
    }

    [Fact]
    public void Idle_agent_returns_memory_once_after_load()
    {
        PassInterval(allocating: IdleMemory.LoadBytes);
        Assert.Equal(0, _heap.Collections);

        PassInterval(allocating: IdleMemory.IdleBytes - 1);
        PassInterval(allocating: IdleMemory.IdleBytes - 1);

        Assert.Equal(1, _heap.Collections);
    }

    [Fact]
    public void Busy_agent_is_not_interrupted()
    {
        for (var reading = 0; reading < 10; reading++)
            PassInterval(allocating: IdleMemory.LoadBytes);

        Assert.Equal(0, _heap.Collections);
    }

    [Fact]
    public void Agent_that_was_always_idle_is_not_interrupted()
    {
        PassInterval(allocating: IdleMemory.IdleBytes - 1);
        PassInterval(allocating: 0);

        Assert.Equal(0, _heap.Collections);
    }

    [Fact]
    public void Large_heap_is_not_collected_since_that_would_delay_commits()
    {
        _heap.Bytes = IdleMemory.LargestHeap + 1;
        PassInterval(allocating: IdleMemory.LoadBytes);
        PassInterval(allocating: 0);

        Assert.Equal(0, _heap.Collections);
    }

    private void PassInterval(long allocating)
    {
        _heap.AllocatedBytes += allocating;
        _clock.Advance(IdleMemory.Interval);
    }

    // A real heap cannot be made to have a certain size.
    private sealed class FakeHeap : IdleMemory.IHeap
    {
        public int Collections { get; private set; }

        public long AllocatedBytes { get; set; }

        public long Bytes { get; set; }

        public void Collect() => Collections++;
    }
}
