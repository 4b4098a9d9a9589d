namespace Aether.Persistence;

/// <summary>Key of one piece of state: ("player_inventory", "42"). Compared ordinally.</summary>
/// <param name="Kind">Kind of the key; 1 to 512 bytes of UTF-8.</param>
/// <param name="Id">Id within the kind; 1 to 512 bytes of UTF-8.</param>
public readonly record struct StateKey(string Kind, string Id)
{
    /// <summary>Most bytes of UTF-8 in <see cref="Kind"/> and in <see cref="Id"/>.</summary>
    public const int MaxPartBytes = 512;

    /// <inheritdoc />
    public override string ToString() => $"{Kind}/{Id}";
}
