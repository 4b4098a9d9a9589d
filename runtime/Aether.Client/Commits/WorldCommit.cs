using Aether.Persistence.V1;
using Google.Protobuf;

namespace Aether.Client;

/// <summary>
/// Mutations that are applied together or not at all:
/// <code>new WorldCommit("trade-7").Put(new("player", "1"), value, expectedVersion: 12).Delete(offer)</code>
/// Not thread-safe; do not change a commit after it was passed to a call.
/// </summary>
public sealed class WorldCommit
{
    private readonly CommitRequest _request = new();
    private Sending? _firstSending;

    /// <summary>
    /// A commit that is never repeated automatically; the caller gets an exception if its outcome is unknown.
    /// </summary>
    public WorldCommit()
    {
    }

    /// <summary>
    /// A commit that is applied once however often it is sent, and so survives a restart of the agent. The agent
    /// forgets keys after a while. Then sending this object again ends with <see cref="OutcomeUnknownException"/>,
    /// whereas a new commit with the same key would be applied again.
    /// </summary>
    /// <param name="idempotencyKey">1 to 128 bytes of UTF-8, unique to this content.</param>
    public WorldCommit(string idempotencyKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(idempotencyKey);
        _request.IdempotencyKey = Wire.ToWire(idempotencyKey, nameof(idempotencyKey));
    }

    /// <summary>When the commit is acknowledged. Default: <see cref="WorldDurability.WorldDefault"/>.</summary>
    public WorldDurability Durability
    {
        get => (WorldDurability)_request.Durability;
        init => _request.Durability = (Durability)value;
    }

    /// <summary>Size of the wire message when the commit is sent for the first time.</summary>
    internal int BytesOnWire => _request.CalculateSize();

    /// <summary>Number of mutations.</summary>
    internal int Mutations => _request.Mutations.Count;

    /// <summary>Whether the commit may be sent again after an unknown outcome.</summary>
    internal bool IsRepeatable => _request.IdempotencyKey.Length > 0;

    /// <summary>
    /// The wire message for sending the commit now. From the second time on it names the place of the log at the first
    /// time, so that the commit is not applied twice if its key was forgotten, by an agent that was unavailable for
    /// long or is very busy.
    /// </summary>
    /// <param name="seen">The known place in the log of the world to which the commit is sent.</param>
    internal CommitRequest ToRequest(LogPlaceTracker seen)
    {
        if (!IsRepeatable)
            return _request;
        var sending = new Sending(seen, seen.Last);
        var first = Interlocked.CompareExchange(ref _firstSending, sending, null);
        if (first?.Seen != seen)
        {
            // On another connection the commit counts as sent for the first time: a place in another world's log means
            // nothing here.
            _firstSending = sending;
            return _request;
        }

        // Copy the request: the first attempt may still be serializing it on another thread.
        var again = _request.Clone();
        again.FirstSentAfter = first.After;
        return again;
    }

    /// <summary>Sets a key. The value is not copied: do not change it until the commit is answered.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">At most 1 MiB; an empty value is allowed.</param>
    /// <param name="expectedVersion">The version the key must have; 0: it must not exist; null: any.</param>
    public WorldCommit Put(WorldKey key, ReadOnlyMemory<byte> value, ulong? expectedVersion = null) =>
        Add(new Mutation { Put = UnsafeByteOperations.UnsafeWrap(value) }, key, expectedVersion);

    /// <summary>Removes a key; removing a key that does not exist is no error.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version the key must have; 0: it must not exist; null: any.</param>
    public WorldCommit Delete(WorldKey key, ulong? expectedVersion = null) =>
        Add(new Mutation { Delete = new Delete() }, key, expectedVersion);

    private WorldCommit Add(Mutation mutation, WorldKey key, ulong? expectedVersion)
    {
        mutation.Key = Wire.ToWire(key);
        if (expectedVersion is { } version)
            mutation.ExpectedVersion = version;
        _request.Mutations.Add(mutation);
        return this;
    }

    private sealed record Sending(LogPlaceTracker Seen, LogPlace After);
}
