namespace Aether.Operator.Provisioning;

/// <summary>The WorldPersistence that owns stores.</summary>
/// <param name="Uid">Its UID, which no later resource of the same name shares.</param>
/// <param name="World">Its namespace and name, as <c>namespace/name</c>.</param>
/// <param name="AdoptUid">UID of an earlier resource whose stores it adopts; null for none.</param>
internal sealed record WorldOwner(string Uid, string World, string? AdoptUid)
{
    /// <summary>
    /// Identities that the world's data carries, as recorded in its schema; new data gets the first. Empty while they
    /// are unknown.
    /// </summary>
    public IReadOnlyList<string> Identities { get; init; } = [];
}
