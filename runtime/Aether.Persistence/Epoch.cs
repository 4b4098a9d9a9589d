namespace Aether.Persistence;

/// <summary>
/// Fencing term of a world: raised by one by each writer that opens it, and refused by every store once a higher
/// one was seen. (The idea of the fencing token: M. Kleppmann, "How to do distributed locking", 2016.)
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
