using Aether.Agent.Tests.Support;

namespace Aether.Agent.Tests.Servers;

/// <summary>One of two agents that fight for a world.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Endpoints">Its clients.</param>
/// <param name="Ended">Its exit code.</param>
/// <param name="EndAsync">Ends it, without waiting for anything that a dying process would not wait for.</param>
/// <param name="Writing">The task that commits to it.</param>
internal sealed record Fighter(
    IAsyncDisposable Agent, AgentEndpoints Endpoints, Task<int> Ended, Func<Task> EndAsync, Task Writing)
    : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Writing;
        await Agent.DisposeAsync();
    }
}
