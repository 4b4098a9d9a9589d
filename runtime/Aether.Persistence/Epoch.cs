namespace Aether.Persistence;

/// <summary>
/// Fencing number of a world: each writer that opens the world raises it by one, and every store refuses a lower epoch
/// than the highest it has seen. (The idea of the fencing token: M. Kleppmann, "How to do distributed locking", 2016.)
/// </summary>
public readonly record struct Epoch(ulong Value) : IComparable<Epoch>
{
    /// <summary>No writer yet.</summary>
    public static readonly Epoch None;

    /// <inheritdoc />
    public int CompareTo(Epoch other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Order of writers.</summary>
    public static bool operator <(Epoch left, Epoch right) => left.Value < right.Value;

    /// <summary>Order of writers.</summary>
    public static bool operator >(Epoch left, Epoch right) => left.Value > right.Value;

    /// <summary>Order of writers.</summary>
    public static bool operator <=(Epoch left, Epoch right) => left.Value <= right.Value;

    /// <summary>Order of writers.</summary>
    public static bool operator >=(Epoch left, Epoch right) => left.Value >= right.Value;
}
