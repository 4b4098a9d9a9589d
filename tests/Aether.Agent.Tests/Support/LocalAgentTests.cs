using Aether.Client;
using Aether.Persistence.V1;
using Aether.TestServers;

namespace Aether.Agent.Tests.Support;

/// <summary>Base of tests with one serving local agent, each in its own folder.</summary>
public abstract class LocalAgentTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("agent");

    internal LocalAgent Agent { get; private set; } = null!;

    internal AetherWorld Client { get; private set; } = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected World.WorldClient Grpc => Agent.Endpoints.Grpc;

    public async ValueTask InitializeAsync()
    {
        Agent = await LocalAgent.StartAsync(_folder.Path);
        Client = await Agent.Endpoints.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Agent.DisposeAsync();
        _folder.Dispose();
    }
}
