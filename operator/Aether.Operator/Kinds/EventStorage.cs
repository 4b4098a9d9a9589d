namespace Aether.Operator.Kinds;

/// <summary>The storage of the world's event stream.</summary>
internal enum EventStorage
{
    /// <summary>On disk.</summary>
    File,

    /// <summary>In memory: lost when NATS restarts.</summary>
    Memory,
}
