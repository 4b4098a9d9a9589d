using Aether.Persistence.Runtime;

namespace Aether.Agent.Worlds;

/// <summary>What the agent knows of the world: the engine's status, and that of its events.</summary>
internal sealed class WorldStatus(PersistenceRuntime runtime, WorldEvents events)
{
    public RuntimeStatus Current
    {
        get
        {
            var status = runtime.Status;
            return events.Status is { } own ? status with { Backends = [.. status.Backends, own] } : status;
        }
    }
}
