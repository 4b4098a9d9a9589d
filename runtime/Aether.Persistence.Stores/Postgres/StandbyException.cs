namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// The session leads to a standby: what it holds may be behind what was acknowledged, so nothing is read from it
/// either.
/// </summary>
internal sealed class StandbyException() : Exception(
    "the server is a standby (in recovery), not the primary. Its sessions are closed and the address is tried again: "
    + "promote it, or have the address of the backend lead to the primary");
