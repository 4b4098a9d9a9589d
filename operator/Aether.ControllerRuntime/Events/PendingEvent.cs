using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>An event on its way to the API server.</summary>
internal sealed record PendingEvent(V1ObjectReference Regarding, DateTimeOffset Time, EventKey Key);
