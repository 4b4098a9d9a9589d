namespace NATS.NKeys;

/// <summary>What a key is for. The value is the key's first byte and decides the first letter of its text.</summary>
public enum PrefixByte : byte
{
    /// <summary>An account; its public key starts with A.</summary>
    Account = 0 << 3,

    /// <summary>A cluster of servers; its public key starts with C.</summary>
    Cluster = 2 << 3,

    /// <summary>A server; its public key starts with N.</summary>
    Server = 13 << 3,

    /// <summary>An operator; its public key starts with O.</summary>
    Operator = 14 << 3,

    /// <summary>A user; its public key starts with U.</summary>
    User = 20 << 3,

    /// <summary>An X25519 key, which encrypts and does not sign; its public key starts with X.</summary>
    Curve = 23 << 3,
}
