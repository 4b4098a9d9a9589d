namespace Aether.Persistence;

/// <summary>Position of a commit in the world's log: dense, from 1; <see cref="None"/> is before the first.</summary>
public readonly record struct Sequence(ulong Value) : IComparable<Sequence>
{
    /// <summary>Before the first commit; as an expected version, "the key must not exist".</summary>
    public static readonly Sequence None;

    /// <summary>The position after this one.</summary>
    public Sequence Next => new(Value + 1);

    /// <inheritdoc />
    public int CompareTo(Sequence other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Log order.</summary>
    public static bool operator <(Sequence left, Sequence right) => left.Value < right.Value;

    /// <summary>Log order.</summary>
    public static bool operator >(Sequence left, Sequence right) => left.Value > right.Value;

    /// <summary>Log order.</summary>
    public static bool operator <=(Sequence left, Sequence right) => left.Value <= right.Value;

    /// <summary>Log order.</summary>
    public static bool operator >=(Sequence left, Sequence right) => left.Value >= right.Value;
}
