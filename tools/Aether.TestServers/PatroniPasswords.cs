namespace Aether.TestServers;

/// <summary>The passwords of a patroni cluster.</summary>
/// <param name="Superuser">That of the superuser, postgres.</param>
/// <param name="Replication">That of the role by which a standby follows the primary.</param>
public sealed record PatroniPasswords(string Superuser, string Replication);
