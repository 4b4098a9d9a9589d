namespace Aether.EndToEnd.Tests.Support.Stores;

/// <summary>
/// Everything that the stores hold of a world, as lines of text: definitions, rights, marks, passwords and data. Two
/// equal contents prove that nothing was changed in between.
/// </summary>
internal sealed record StoreContents
{
    public required IReadOnlyList<string> Postgres { get; init; }

    public required IReadOnlyList<string> Redis { get; init; }

    public required IReadOnlyList<string> Nats { get; init; }

    /// <summary>The world's Secret.</summary>
    public required IReadOnlyList<string> Secret { get; init; }

    /// <summary>The contents of the three stores.</summary>
    public IReadOnlyList<string> Stores => [.. Postgres, .. Redis, .. Nats];

    /// <summary>Stores and Secret.</summary>
    public IReadOnlyList<string> All => [.. Stores, .. Secret];
}
