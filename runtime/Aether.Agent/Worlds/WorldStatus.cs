using Aether.Persistence.Runtime;

namespace Aether.Agent.Worlds;

/// <summary>The status of the world: the engine's, and that of its events.</summary>
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
