namespace Aether.Client;

/// <summary>
/// Key of one piece of state: ("player_inventory", "42"). Text with a lone surrogate has no UTF-8, and is refused with
/// <see cref="ArgumentException"/> where it is used.
/// </summary>
/// <param name="Kind">What it is; 1 to 512 bytes of UTF-8.</param>
/// <param name="Id">Which one; 1 to 512 bytes of UTF-8.</param>
public readonly record struct WorldKey(string Kind, string Id)
{
    /// <inheritdoc />
    public override string ToString() => $"{Kind}/{Id}";
}
