using System.Runtime.InteropServices;
using Aether.Persistence.State;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// Sequences, epochs and digests as PostgreSQL's types. It has no unsigned integers, so 2^63 is the limit.
/// </summary>
internal static class PostgresValues
{
    public static long ToBigint(this Sequence sequence) => checked((long)sequence.Value);

    public static long ToBigint(this Epoch epoch) => checked((long)epoch.Value);

    public static Sequence ToSequence(this long value) => new(checked((ulong)value));

    public static Epoch ToEpoch(this long value) => new(checked((ulong)value));

    public static byte[] ToBytea(this StateDigest digest)
    {
        var bytes = new byte[StateDigest.Size];
        digest.Write(bytes);
        return bytes;
    }

    /// <summary>Bytes for the driver, which accepts only arrays. An array is not copied.</summary>
    public static byte[] ToBytea(this ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out var segment) && segment.Offset == 0
            && segment.Array is { } array && array.Length == memory.Length
            ? array
            : memory.ToArray();

    public static void AddValue<T>(this NpgsqlParameterCollection parameters, T value) =>
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
