using System.Net;
using Aether.Agent.Settings;
using Aether.Agent.Tests.Support;
using Aether.Agent.Worlds;
using Aether.Client;
using Aether.Persistence.V1;
using Aether.TestServers;
using Grpc.Core;
using Grpc.Net.Client;

namespace Aether.Agent.Tests.Api;

/// <summary>
/// Clients that request the state and do not read it, and clients that send bytes that are not a message.
/// </summary>
[Trait("Field", "F20")]
public sealed class StateReaderTests : IAsyncLifetime
{
    private const int Values = 40;

    private readonly TemporaryFolder _folder = new("readers");
    private LocalAgent _agent = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var options = AgentOptionsReader.Read(_ => null, _folder.Path) with
        {
            ReaderPatience = TimeSpan.FromSeconds(1),
        };
        _agent = await LocalAgent.StartAsync(options, TimeProvider.System);
        await using var client = await _agent.Endpoints.ConnectAsync();
        for (var i = 0; i < Values; i++)
            await client.CommitAsync(new WorldCommit().Put(new("k", $"{i}"), new byte[1_000_000]), Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Reader_that_does_not_read_is_disconnected_with_the_reason()
    {
        using var call = _agent.Endpoints.Grpc.Recover(new RecoverRequest(), cancellationToken: Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        await EndedAsSlowAsync();

        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(Cancellation))
            {
            }
        });

        Assert.Equal(StatusCode.ResourceExhausted, ended.StatusCode);
        Assert.Contains("The client read nothing of the answer", ended.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("aether_agent_readers 0", await MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_by_HTTP_that_is_not_read_is_cut_off()
    {
        using var list = await _agent.Endpoints.Json.GetAsync(
            "/v1/state/k?limit=1000", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using var body = await list.Content.ReadAsStreamAsync(Cancellation);
        await EndedAsSlowAsync();

        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, Cancellation));

        Assert.Equal(HttpStatusCode.OK, list.StatusCode);
        Assert.Contains("aether_agent_readers 0", await MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readers_beyond_the_limit_are_refused_on_both_surfaces()
    {
        var calls = Enumerable.Range(0, StateReaders.MostReaders)
            .Select(_ => _agent.Endpoints.Grpc.Recover(new RecoverRequest(), cancellationToken: Cancellation))
            .ToList();
        foreach (var call in calls)
            Assert.True(await call.ResponseStream.MoveNext(Cancellation));

        using var scan = _agent.Endpoints.Grpc.Scan(new ScanRequest { Kind = "k" }, cancellationToken: Cancellation);
        var refused = await Assert.ThrowsAsync<RpcException>(() => scan.ResponseStream.MoveNext(Cancellation));
        using var list = await _agent.Endpoints.Json.GetAsync("/v1/state/k?limit=1", Cancellation);
        calls.ForEach(call => call.Dispose());

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains("8 clients are reading the whole state", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, list.StatusCode);
    }

    [Fact]
    public async Task Bytes_that_are_not_a_message_are_an_invalid_argument()
    {
        var bytes = Marshallers.Create<byte[]>(message => message, message => message);
        var method = new Method<byte[], byte[]>(
            MethodType.Unary, "aether.persistence.v1.World", "Commit", bytes, bytes);
        using var channel = GrpcChannel.ForAddress("http://agent", new GrpcChannelOptions
        {
            HttpHandler = UnixHttp.Handler(_agent.Endpoints.SocketPath),
            DisposeHttpClient = true,
        });

        var call = channel.CreateCallInvoker().AsyncUnaryCall(
            method, host: null, new CallOptions(cancellationToken: Cancellation), [0x0a, 0xff, 0xff, 0xff]);
        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("CommitRequest", refused.Status.Detail, StringComparison.Ordinal);
    }

    private async Task EndedAsSlowAsync()
    {
        while (!(await MetricsAsync()).Contains(
            "aether_agent_readers_ended_total{reason=\"TooSlow\"} 1", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
    }

    private Task<string> MetricsAsync() => _agent.Endpoints.Health.GetStringAsync("metrics", Cancellation);
}
