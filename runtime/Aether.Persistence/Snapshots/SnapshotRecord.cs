namespace Aether.Persistence.Snapshots;

/// <summary>Kind of a record in a snapshot; its first byte.</summary>
internal enum SnapshotRecord : byte
{
    /// <summary>World, position and time; the first record.</summary>
    Header = 1,

    /// <summary>One key of the state.</summary>
    Entry = 2,

    /// <summary>One idempotency key.</summary>
    IdempotencyKey = 3,

    /// <summary>Number of records of each kind; the last record.</summary>
    End = 4,

    /// <summary>The last commit whose idempotency key was forgotten; absent if there is none.</summary>
    Forgotten = 5,
}
