using Aether.Client;
using Aether.Persistence.V1;
using Grpc.Net.Client;

namespace Aether.Agent.Tests.Support;

/// <summary>Clients of one agent, for each of its listeners.</summary>
internal sealed class AgentEndpoints : IDisposable
{
    private readonly GrpcChannel _channel;

    public AgentEndpoints(string folder, Uri health)
    {
        SocketPath = Path.Combine(folder, "agent.sock");
        HttpSocketPath = Path.Combine(folder, "http.sock");
        Json = UnixHttp.Client(HttpSocketPath);
        Health = new HttpClient { BaseAddress = health };
        _channel = GrpcChannel.ForAddress("http://agent", new GrpcChannelOptions
        {
            HttpHandler = UnixHttp.Handler(SocketPath),
            DisposeHttpClient = true,
        });
        Grpc = new World.WorldClient(_channel);
    }

    public string SocketPath { get; }

    public string HttpSocketPath { get; }

    public HttpClient Json { get; }

    public HttpClient Health { get; }

    public World.WorldClient Grpc { get; }

    public Task<AetherWorld> ConnectAsync(RetryPolicy? retry = null) => AetherWorld.ConnectAsync(
        new AetherWorldOptions { SocketPath = SocketPath, Retry = retry ?? new RetryPolicy() },
        TestContext.Current.CancellationToken);

    public void Dispose()
    {
        Json.Dispose();
        Health.Dispose();
        _channel.Dispose();
    }
}
