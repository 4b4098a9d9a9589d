namespace Aether.Persistence.State;

/// <summary>Room that is reserved in a state for coming changes.</summary>
/// <param name="Puts">Number of keys that may be new.</param>
/// <param name="Bytes">Bytes of their records, without the large ones.</param>
internal readonly record struct StateRoom(int Puts, long Bytes)
{
    /// <summary>This room and room for one more key.</summary>
    public StateRoom With(int bytes) => new(Puts + 1, Bytes + bytes);
}
