using System.Runtime.CompilerServices;
using Aether.Persistence;
using Aether.Persistence.Events;

namespace Aether.Agent.Events;

/// <summary>
/// The events of a local world: the newest <see cref="Capacity"/>, in memory, lost with the process. A subscriber that
/// falls behind by more misses the oldest, which it notices by a gap in the positions. Positions of a later epoch are
/// higher, so that a subscriber that continues after an earlier process misses nothing.
/// </summary>
internal sealed class MemoryEventStream(TimeProvider clock) : IEventStream
{
    /// <summary>How many events are kept.</summary>
    public const int Capacity = 4096;

    // More events than a process ever publishes; positions stay exact in JSON for two million epochs.
    private const int EpochShift = 32;

    // Guards the fields below.
    private readonly Lock _lock = new();
    private readonly WorldEvent?[] _ring = new WorldEvent?[Capacity];
    private ulong _first = 1;
    private ulong _last;
    private TaskCompletionSource _published = NewSignal();

    public Task OpenAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _first = ((epoch.Value - 1) << EpochShift) + 1;
            _last = Math.Max(_last, _first - 1);
        }

        return Task.CompletedTask;
    }

    public Task<ulong> PublishAsync(string type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var position = ++_last;
            _ring[position % Capacity] = new WorldEvent(position, type, data.ToArray(), clock.GetUtcNow());
            _published.SetResult();
            _published = NewSignal();
            return Task.FromResult(position);
        }
    }

    public Task<IAsyncEnumerable<WorldEvent>> SubscribeAsync(
        string typeFilter, ulong afterEventSequence, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (afterEventSequence > _last)
                return Task.FromException<IAsyncEnumerable<WorldEvent>>(
                    new UnknownEventPositionException(afterEventSequence, _last));
        }

        return Task.FromResult(ReadAsync(typeFilter, afterEventSequence, cancellationToken));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async IAsyncEnumerable<WorldEvent> ReadAsync(
        string typeFilter, ulong afterEventSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = afterEventSequence;
        while (true)
        {
            var (found, published) = NextAfter(after);
            if (found is null)
            {
                await published.WaitAsync(cancellationToken);
                continue;
            }

            after = found.EventSequence;
            if (EventTypes.Matches(typeFilter, found.Type))
                yield return found;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private (WorldEvent? Found, Task Published) NextAfter(ulong after)
    {
        lock (_lock)
        {
            if (after >= _last)
                return (null, _published.Task);
            var oldest = _last - _first < Capacity ? _first : _last - Capacity + 1;
            return (_ring[Math.Max(after + 1, oldest) % Capacity], _published.Task);
        }
    }
}
