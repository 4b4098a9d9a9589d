using Aether.Persistence.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.Agent.Tests.Support;

/// <summary>Replaces an agent for tests of behaviour that a real agent cannot be made to show.</summary>
internal abstract class StandInAgent : World.WorldBase, IAsyncDisposable
{
    private WebApplication? _app;

    public string SocketPath { get; private set; } = "";

    /// <summary>Starts an agent on a socket.</summary>
    public static async Task<TAgent> StartAsync<TAgent>(
        TAgent agent, string socketPath, Action<KestrelServerOptions>? configure = null)
        where TAgent : StandInAgent
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            configure?.Invoke(kestrel);
            kestrel.ListenUnixSocket(socketPath, listener => listener.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(agent);
        agent.SocketPath = socketPath;
        agent._app = builder.Build();
        agent._app.UseRouting();
        agent._app.MapGrpcService<TAgent>();
        await agent._app.StartAsync(TestContext.Current.CancellationToken);
        return agent;
    }

    public override Task<StatusReply> Status(StatusRequest request, ServerCallContext context) =>
        Task.FromResult(new StatusReply { Phase = Phase.Running });

    public virtual ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;
}
