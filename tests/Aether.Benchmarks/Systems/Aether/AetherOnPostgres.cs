using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Aether.Persistence.Contracts;
using Aether.Persistence.Migrations;
using Aether.Persistence.Runtime;
using Aether.Persistence.Storage;
using Aether.Persistence.Stores.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Aether.Benchmarks.Systems.Aether;

/// <summary>Our engine with lease, journal and snapshots in PostgreSQL, as for a world in a cluster.</summary>
internal static class AetherOnPostgres
{
    /// <summary>Creates the tables of a world, as the operator does.</summary>
    public static Task PrepareAsync(PostgresSchema schema) =>
        new WorldSchemaMigrator(schema.Database.Admin, NullLoggerFactory.Instance)
            .MigrateUpAsync(schema.Name, CancellationToken.None);

    /// <summary>Opens the world on a volume.</summary>
    public static Task<AetherEngine> OpenAsync(
        Workload workload, Durability durability, PostgresSchema schema, IFileSystem volume)
    {
        var server = schema.Database.Server;
        var postgres = new PostgresWorld(new PostgresConnectionOptions
        {
            Host = server.Host,
            Port = server.Port,
            Database = server.Database,
            Schema = schema.Name,
            Username = server.AdminUsername,
            Password = server.AdminPassword,
            SslMode = SslMode.Disable,
        });
        var ports = new PersistencePorts
        {
            Volume = volume,
            Lease = new PostgresWorldLease(postgres),
            Journal = new PostgresJournal(postgres),
            Snapshots = new PostgresSnapshotStore(postgres),
        };
        return AetherEngine.OpenAsync(workload, durability, ports, postgres);
    }

    /// <summary>Expires the lease of a dead writer, so that the next one need not wait.</summary>
    public static Task ExpireLeaseAsync(PostgresSchema schema) => schema.Database.ExecuteAsync(
        $"UPDATE {schema.Name}.world SET lease_expires_at = clock_timestamp() - interval '1 second'");
}
