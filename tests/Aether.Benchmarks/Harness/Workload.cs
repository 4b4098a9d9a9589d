using System.Runtime.CompilerServices;
using System.Text;
using Aether.Persistence;

namespace Aether.Benchmarks.Harness;

/// <summary>
/// The writes, prepared before the clock starts, so that no system is charged for preparing them. Thread-safe.
/// </summary>
internal sealed class Workload
{
    /// <summary>Different keys.</summary>
    public const int Ids = 100_000;

    private const int Values = 1024;
    private const int IdDigits = 6;

    // More than an engine remembers (PersistenceOptions.MaxIdempotencyKeys), so that no key repeats within its window.
    private const int IdempotencyKeys = 1 << 18;

    private readonly byte[][] _encodedIds = new byte[Ids][];
    private readonly byte[][] _values = new byte[Values][];
    private readonly string[] _idempotencyKeys = new string[IdempotencyKeys];
    private long _last;

    public Workload(int payload, int writers)
    {
        Payload = payload;
        Writers = writers;
        var random = new Random(20260131);
        for (var i = 0; i < Ids; i++)
        {
            _encodedIds[i] = Encoding.UTF8.GetBytes(IdOf(i));
        }
        for (var i = 0; i < Values; i++)
            random.NextBytes(_values[i] = new byte[payload]);
        for (var i = 0; i < IdempotencyKeys; i++)
            _idempotencyKeys[i] = i.ToString("x16", CultureInfo.InvariantCulture);
    }

    /// <summary>Bytes of a value.</summary>
    public int Payload { get; }

    /// <summary>Number of loops that write, each waiting for its own commit.</summary>
    public int Writers { get; }

    /// <summary>Number of the next write, over all writers.</summary>
    public long Next() => Interlocked.Increment(ref _last);

    /// <summary>The key of a write, created for each call, as in a real caller.</summary>
    public static StateKey Key(long n) => new("player_inventory", IdOf(IndexOf(n)));

    /// <summary>The id of <see cref="Key"/>, as bytes.</summary>
    public byte[] EncodedId(long n) => _encodedIds[IndexOf(n)];

    public byte[] Value(long n) => _values[n & (Values - 1)];

    public string IdempotencyKey(long n) => _idempotencyKeys[n & (IdempotencyKeys - 1)];

    private static string IdOf(int number) => string.Create(IdDigits, number, static (digits, number) =>
    {
        for (var i = digits.Length - 1; i >= 0; i--, number /= 10)
            digits[i] = (char)('0' + (number % 10));
    });

    // Multiplicative hashing: nearly random, and nearly free.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOf(long n) => (int)(((ulong)n * 0x9E3779B97F4A7C15 >> 32) * Ids >> 32);
}
