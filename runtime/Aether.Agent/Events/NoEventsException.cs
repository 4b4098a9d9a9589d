namespace Aether.Agent.Events;

/// <summary>The world has servers, but none for events.</summary>
internal sealed class NoEventsException() : Exception(
    "This world has no events: its settings name no NATS. Its condition NatsReady gives the reason: its "
    + "PersistenceBackend has no spec.nats, or no source of NATS users. Add that and restart the world's pod.");
