namespace Aether.Persistence.Stores.Postgres;

/// <summary>How this agent opened the world; no other database has this row in its table of epochs.</summary>
internal sealed record PostgresOpening(Epoch Epoch, string Holder, Guid VolumeId);
