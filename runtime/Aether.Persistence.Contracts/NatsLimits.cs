namespace Aether.Persistence.Contracts;

/// <summary>What a journal in JetStream asks of nats-server.</summary>
public static class NatsLimits
{
    /// <summary>Most bytes of a block's part, which is one message.</summary>
    public const int JournalPartBytes = 256 << 10;

    /// <summary>Least <c>max_payload</c> of nats-server: a part and its headers.</summary>
    public const int JournalMaxPayload = JournalPartBytes + 4096;
}
