namespace Aether.Persistence.Commits;

/// <summary>One change of a commit, made by <see cref="Put"/> or <see cref="Delete"/>.</summary>
public readonly record struct Mutation
{
    private Mutation(StateKey key, bool isDelete, ReadOnlyMemory<byte> value, Sequence? expectedVersion)
    {
        Key = key;
        IsDelete = isDelete;
        Value = value;
        ExpectedVersion = expectedVersion;
    }

    /// <summary>The key it changes.</summary>
    public StateKey Key { get; }

    /// <summary>Whether it removes the key.</summary>
    public bool IsDelete { get; }

    /// <summary>The new value. Empty for a removal; an empty value is allowed, too.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>
    /// The version that the key must have; <see cref="Sequence.None"/>: the key must not exist; null: any.
    /// </summary>
    public Sequence? ExpectedVersion { get; }

    /// <summary>Sets a key. The engine keeps its own copy of <paramref name="value"/>.</summary>
    public static Mutation Put(StateKey key, ReadOnlyMemory<byte> value, Sequence? expectedVersion = null) =>
        new(key, isDelete: false, value, expectedVersion);

    /// <summary>Removes a key; removing a key that does not exist is no error.</summary>
    public static Mutation Delete(StateKey key, Sequence? expectedVersion = null) =>
        new(key, isDelete: true, default, expectedVersion);
}
