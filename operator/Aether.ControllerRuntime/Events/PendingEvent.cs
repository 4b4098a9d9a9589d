using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>An event on its way to the API server, and the name it gets there if it is a first one.</summary>
internal sealed record PendingEvent(string Name, V1ObjectReference Regarding, DateTimeOffset Time, EventKey Key);
