using System.Runtime.CompilerServices;
using Aether.Benchmarks.Harness;
using FASTER.core;

namespace Aether.Benchmarks.Systems;

/// <summary>
/// FasterLog, with each append waiting for its commit. FasterLog commits on request: a separate loop requests a commit
/// whenever the last one is done, which is its fastest way to group.
/// </summary>
internal sealed class FasterLogSystem : ISession
{
    private readonly Workload _workload;
    private readonly FasterLogSettings _settings;
    private readonly FasterLog _log;
    private readonly SemaphoreSlim _appended = new(0);
    private readonly Task _committing;
    private volatile bool _closing;

    public FasterLogSystem(Workload workload, string folder)
    {
        _workload = workload;
        // Without this setting each commit creates a file.
        _settings = new FasterLogSettings(folder) { FastCommitMode = true };
        _log = new FasterLog(_settings);
        _committing = Task.Run(CommitAsync);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long n)
    {
        var address = _log.Enqueue(_workload.Value(n));
        _appended.Release();
        await _log.WaitForCommitAsync(address + 1);
    }

    public async ValueTask DisposeAsync()
    {
        _closing = true;
        _appended.Release();
        await _committing;
        _log.Dispose();
        _settings.Dispose();
        _appended.Dispose();
    }

    private async Task CommitAsync()
    {
        while (!_closing)
        {
            await _appended.WaitAsync();
            while (_appended.Wait(0))
            {
            }
            await _log.CommitAsync();
        }
    }
}
