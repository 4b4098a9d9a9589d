namespace Aether.Operator.Provisioning;

/// <summary>Who asks for stores: a WorldPersistence.</summary>
/// <param name="Uid">Its UID, which no later resource of the same name shares.</param>
/// <param name="World">Its namespace and name, as <c>namespace/name</c>.</param>
/// <param name="AdoptUid">UID of an earlier resource whose stores it takes over; null for none.</param>
internal sealed record WorldOwner(string Uid, string World, string? AdoptUid)
{
    /// <summary>
    /// Identities that the world's data is known to carry, as its schema said; the first is the one that new data gets.
    /// Empty while that is not known.
    /// </summary>
    public IReadOnlyList<string> Identities { get; init; } = [];
}
