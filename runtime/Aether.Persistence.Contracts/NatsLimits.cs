namespace Aether.Persistence.Contracts;

/// <summary>What a journal in JetStream requires of nats-server.</summary>
public static class NatsLimits
{
    /// <summary>Most bytes of one part of a block, which is one message.</summary>
    public const int JournalPartBytes = 256 << 10;

    /// <summary>Least <c>max_payload</c> of nats-server: a part and its headers.</summary>
    public const int JournalMaxPayload = JournalPartBytes + 4096;
}
