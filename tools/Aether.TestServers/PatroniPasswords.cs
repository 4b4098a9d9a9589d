namespace Aether.TestServers;

/// <summary>The passwords of a patroni cluster.</summary>
/// <param name="Superuser">Password of the superuser, postgres.</param>
/// <param name="Replication">Password of the role with which a standby follows the primary.</param>
public sealed record PatroniPasswords(string Superuser, string Replication);
