namespace Aether.Client;

/// <summary>
/// Key of one piece of state: ("player_inventory", "42"). A text with a lone surrogate has no UTF-8 form; using it
/// throws <see cref="ArgumentException"/>.
/// </summary>
/// <param name="Kind">Kind of the key; 1 to 512 bytes of UTF-8.</param>
/// <param name="Id">Id within the kind; 1 to 512 bytes of UTF-8.</param>
public readonly record struct WorldKey(string Kind, string Id)
{
    /// <inheritdoc />
    public override string ToString() => $"{Kind}/{Id}";
}
