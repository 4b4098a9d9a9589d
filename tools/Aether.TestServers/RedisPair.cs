namespace Aether.TestServers;

/// <summary>Two Redis servers, one a replica of the other, and one address that leads to the primary.</summary>
public sealed class RedisPair : IAsyncDisposable
{
    private readonly RedisServer _first;
    private readonly RedisServer _second;
    private CuttingProxy? _proxy;

    /// <summary>Prepares both servers.</summary>
    public RedisPair()
    {
        var password = Secrets.NewPassword();
        _first = new RedisServer(null, password, "--masterauth", password, "--repl-diskless-sync-delay", "0");
        _second = new RedisServer(null, password, "--masterauth", password, "--repl-diskless-sync-delay", "0");
        Primary = _first;
    }

    /// <summary>The server that accepts writes.</summary>
    public RedisServer Primary { get; private set; }

    /// <summary>The replica of <see cref="Primary"/>.</summary>
    public RedisServer Replica => Primary == _first ? _second : _first;

    /// <summary>The address that leads to the primary.</summary>
    public string Endpoint => $"127.0.0.1:{Proxy.Port}";

    /// <summary>The proxy at that address.</summary>
    public CuttingProxy Proxy => _proxy ?? throw new InvalidOperationException("The pair was not started.");

    /// <summary>Starts both servers, and makes one the replica.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_first.StartAsync(cancellationToken), _second.StartAsync(cancellationToken));
        await Replica.ReplicateAsync(Primary, cancellationToken);
        _proxy = new CuttingProxy(Primary.Port);
    }

    /// <summary>Swaps the roles.</summary>
    /// <remarks>The address leads to the former primary until <see cref="Follow"/>.</remarks>
    public async Task SwapAsync(CancellationToken cancellationToken)
    {
        var former = Primary;
        Primary = Replica;
        await Primary.ExecuteAsync(cancellationToken, "REPLICAOF", "NO", "ONE");
        await former.ReplicateAsync(Primary, cancellationToken);
    }

    /// <summary>Redirects the address to the primary; existing connections stay.</summary>
    public void Follow() => Proxy.Lead(Primary.Port);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }
}
