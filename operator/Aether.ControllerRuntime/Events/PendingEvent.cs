using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>An event that waits to be written. The name is used if it becomes a new event object.</summary>
internal sealed record PendingEvent(string Name, V1ObjectReference Regarding, DateTimeOffset Time, EventKey Key);
