namespace Aether.Persistence.Snapshots;

/// <summary>What a record of a snapshot is; its first byte.</summary>
internal enum SnapshotRecord : byte
{
    /// <summary>World, position and time; the first record.</summary>
    Header = 1,

    /// <summary>One key of the state.</summary>
    Entry = 2,

    /// <summary>One idempotency key.</summary>
    IdempotencyKey = 3,

    /// <summary>How many records of each kind came before; the last record.</summary>
    End = 4,

    /// <summary>The last commit whose idempotency key was forgotten; only if there is one.</summary>
    Forgotten = 5,
}
