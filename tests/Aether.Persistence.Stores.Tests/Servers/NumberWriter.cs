namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>Writes one number after the other to a store, and retries failures, as the engine does.</summary>
internal sealed class NumberWriter : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly CancellationTokenSource _over =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    private readonly Task _writing;
    private long _acknowledged;

    public NumberWriter(WorldStore store) => _writing = WriteAsync(store);

    /// <summary>Waits until a number is acknowledged whose write had not started yet.</summary>
    public async Task AdvanceAsync()
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _over.Token);
        for (var wanted = Interlocked.Read(ref _acknowledged) + 2; Interlocked.Read(ref _acknowledged) < wanted;)
        {
            if (_writing.IsCompleted)
                await _writing;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, either.Token);
        }
    }

    /// <summary>Stops after the present number; all numbers up to the returned one are acknowledged.</summary>
    public async Task<ulong> StopAsync()
    {
        await _over.CancelAsync();
        await _writing;
        return (ulong)_acknowledged;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private async Task WriteAsync(WorldStore store)
    {
        while (!_over.IsCancellationRequested)
        {
            var number = (ulong)_acknowledged + 1;
            await Outages.OutlastAsync(
                token => store.WriteAsync(number, token), TestContext.Current.CancellationToken);
            Interlocked.Increment(ref _acknowledged);
        }
    }
}
