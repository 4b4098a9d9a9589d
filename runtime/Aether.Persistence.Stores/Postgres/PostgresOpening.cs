namespace Aether.Persistence.Stores.Postgres;

/// <summary>How this agent opened the world: what the table of epochs of no other database holds.</summary>
internal sealed record PostgresOpening(Epoch Epoch, string Holder, Guid VolumeId);
