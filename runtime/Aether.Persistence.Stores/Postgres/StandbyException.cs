namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// The session leads to a standby, which may be behind what was acknowledged. So nothing is read from it either.
/// </summary>
internal sealed class StandbyException() : Exception(
    "the server is a standby (in recovery), not the primary. The agent closes its sessions and retries the address: "
    + "promote the standby, or point the address of the backend to the primary");
