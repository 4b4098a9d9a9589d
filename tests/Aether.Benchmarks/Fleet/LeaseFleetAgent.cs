using Aether.Persistence;
using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;

namespace Aether.Benchmarks.Fleet;

/// <summary>The lease of one idle world, as its agent keeps it.</summary>
internal sealed class LeaseFleetAgent
{
    private readonly PostgresWorld _world;
    private readonly PostgresWorldLease _lease;
    private readonly Epoch _epoch;
    private readonly TimeSpan _length;

    private LeaseFleetAgent(PostgresWorld world, PostgresWorldLease lease, Epoch epoch, TimeSpan length)
    {
        _world = world;
        _lease = lease;
        _epoch = epoch;
        _length = length;
    }

    public int Renewals { get; private set; }

    public int Failures { get; private set; }

    public string? LastFailure { get; private set; }

    /// <summary>Opens the world, with the same volume each time: it need not wait for its own former lease.</summary>
    public static async Task<LeaseFleetAgent> OpenAsync(
        PostgresConnectionOptions options, int index, TimeSpan length, CancellationToken cancellationToken)
    {
        var world = new PostgresWorld(options);
        var lease = new PostgresWorldLease(world);
        var request = new LeaseRequest(options.Username, new Guid(index, 0, 0, new byte[8]), length);
        var opening = await lease.TryAcquireAsync(request, cancellationToken);
        return new LeaseFleetAgent(world, lease, opening.Epoch, length);
    }

    /// <summary>Renews the lease after <paramref name="delay"/>, and then in the rhythm of agents.</summary>
    public async Task KeepAsync(TimeSpan delay, CancellationToken end)
    {
        try
        {
            await Task.Delay(delay, TimeProvider.System, end);
            while (true)
            {
                await RenewAsync(end);
                await Task.Delay(_length / 3, TimeProvider.System, end);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            await _world.DisposeAsync();
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _lease.RenewAsync(_epoch, _length, cancellationToken);
            Renewals++;
        }
        catch (StoreUnavailableException exception)
        {
            Failures++;
            LastFailure = exception.Message;
        }
    }
}
