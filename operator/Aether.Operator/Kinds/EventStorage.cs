namespace Aether.Operator.Kinds;

/// <summary>What JetStream keeps the world's events on.</summary>
internal enum EventStorage
{
    /// <summary>On disk.</summary>
    File,

    /// <summary>In memory: gone when NATS restarts.</summary>
    Memory,
}
