namespace Aether.Persistence.State;

/// <summary>Room that was made in a state for changes to come.</summary>
/// <param name="Puts">Keys that may be new.</param>
/// <param name="Bytes">Bytes of their records, save the large ones.</param>
internal readonly record struct StateRoom(int Puts, long Bytes)
{
    /// <summary>Room for one more key.</summary>
    public StateRoom With(int bytes) => new(Puts + 1, Bytes + bytes);
}
