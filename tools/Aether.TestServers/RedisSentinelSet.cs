using Aether.TestServers.Certificates;

namespace Aether.TestServers;

/// <summary>Two Redis servers, one a replica of the other, and three sentinels that fail over between them.</summary>
public sealed class RedisSentinelSet : IAsyncDisposable
{
    private const int Size = 3;
    private readonly RedisServer _first;
    private readonly RedisServer _second;
    private readonly string? _password;
    private readonly ServerCertificate? _sentinelCertificate;
    private List<RedisSentinel> _sentinels = [];

    /// <summary>Prepares the servers.</summary>
    /// <param name="password">Password of the sentinels; null: none.</param>
    /// <param name="certificate">Certificate of the two servers; null: no TLS.</param>
    /// <param name="sentinelCertificate">Certificate of the sentinels; null: that of the servers.</param>
    public RedisSentinelSet(
        string? password = null,
        ServerCertificate? certificate = null,
        ServerCertificate? sentinelCertificate = null)
    {
        _password = password;
        _sentinelCertificate = sentinelCertificate ?? certificate;
        var admin = Secrets.NewPassword();
        _first = new RedisServer(certificate, admin, "--masterauth", admin, "--repl-diskless-sync-delay", "0");
        _second = new RedisServer(certificate, admin, "--masterauth", admin, "--repl-diskless-sync-delay", "0");
    }

    /// <summary>Name of the primary in the sentinels' configuration.</summary>
    public static string MasterName => "worlds";

    /// <summary>The primary at the start.</summary>
    public RedisServer First => _first;

    /// <summary>The replica at the start.</summary>
    public RedisServer Second => _second;

    /// <summary>The sentinels.</summary>
    public IReadOnlyList<RedisSentinel> Sentinels => _sentinels;

    /// <summary><c>host:port</c> of the sentinels, separated by commas.</summary>
    public string Hosts => string.Join(',', _sentinels.Select(sentinel => sentinel.Endpoint));

    /// <summary>Starts the two servers, makes one the replica, and starts sentinels that watch them.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_first.StartAsync(cancellationToken), _second.StartAsync(cancellationToken));
        await _second.ReplicateAsync(_first, cancellationToken);
        _sentinels =
        [
            .. Enumerable.Range(0, Size).Select(
                _ => new RedisSentinel(_first, MasterName, quorum: 2, _password, _sentinelCertificate)),
        ];
        await Task.WhenAll(_sentinels.Select(sentinel => sentinel.StartAsync(cancellationToken)));

        // A majority of the sentinels elects the sentinel that fails over, so they must know each other and the
        // replica.
        await Task.WhenAll(_sentinels.Select(sentinel => KnowsAsync(sentinel, "+slave", _second, cancellationToken)));
        await Task.WhenAll(
            from sentinel in _sentinels
            from other in _sentinels
            where other != sentinel
            select KnowsAsync(sentinel, "+sentinel", other, cancellationToken));
    }

    /// <summary>Waits until all running sentinels name the initial replica as the primary.</summary>
    public Task FailedOverAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _sentinels.Where(sentinel => sentinel.IsRunning).Select(sentinel => sentinel.Process!.WaitForLineAsync(
            line => line.Contains("+switch-master", StringComparison.Ordinal)
                && line.EndsWith($" {_second.Port}", StringComparison.Ordinal),
            TestServer.ClientPatience, cancellationToken)));

    private static Task<string> KnowsAsync(
        RedisSentinel sentinel, string what, TestServer server, CancellationToken cancellationToken) =>
        sentinel.Process!.WaitForLineAsync(
            line => line.Contains(what + " ", StringComparison.Ordinal)
                && line.Contains($" {server.Port} @", StringComparison.Ordinal),
            TestServer.ClientPatience,
            cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var sentinel in _sentinels)
            await sentinel.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }
}
