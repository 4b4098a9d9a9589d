namespace Aether.EndToEnd.Tests.Support.Stores;

/// <summary>
/// All there is of a world in each store, as lines of text: definitions, rights, marks, passwords and data. Two of
/// them that are equal prove that nothing was touched between.
/// </summary>
internal sealed record StoreContents
{
    public required IReadOnlyList<string> Postgres { get; init; }

    public required IReadOnlyList<string> Redis { get; init; }

    public required IReadOnlyList<string> Nats { get; init; }

    /// <summary>The world's Secret.</summary>
    public required IReadOnlyList<string> Secret { get; init; }

    /// <summary>What the three stores hold.</summary>
    public IReadOnlyList<string> Stores => [.. Postgres, .. Redis, .. Nats];

    /// <summary>Stores and Secret.</summary>
    public IReadOnlyList<string> All => [.. Stores, .. Secret];
}
