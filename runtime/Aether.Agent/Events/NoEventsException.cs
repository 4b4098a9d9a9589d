namespace Aether.Agent.Events;

/// <summary>The world has servers, and none for events.</summary>
internal sealed class NoEventsException() : Exception(
    "This world has no events: its settings name no NATS. Its condition NatsReady has the reason; give its backend a "
    + "NATS, and a source of NATS users.");
