namespace Aether.TestServers;

/// <summary>Two PostgreSQL servers under patroni with synchronous_mode: a primary and a synchronous standby.</summary>
public sealed class PatroniCluster : IAsyncDisposable
{
    private readonly EtcdServer _etcd = new();

    /// <summary>Prepares the nodes; <see cref="StartAsync"/> starts them.</summary>
    public PatroniCluster()
    {
        var passwords = new PatroniPasswords(Secrets.NewPassword(), Secrets.NewPassword());
        First = new PatroniNode("first", _etcd, passwords);
        Second = new PatroniNode("second", _etcd, passwords);
    }

    /// <summary>The node that is the primary at the start.</summary>
    public PatroniNode First { get; }

    /// <summary>The node that is its standby at the start.</summary>
    public PatroniNode Second { get; }

    /// <summary>Starts both nodes; commits wait for the standby when the task completes.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _etcd.StartAsync(cancellationToken);
        await First.StartAsync(cancellationToken);
        await Second.StartAsync(cancellationToken);
        await First.Process!.WaitForLineAsync(
            line => line.Contains("Synchronous standby status assigned to", StringComparison.Ordinal),
            TestServer.ClientPatience, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Second.DisposeAsync();
        await First.DisposeAsync();
        await _etcd.DisposeAsync();
    }
}
