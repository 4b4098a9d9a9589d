using Aether.DevCluster.Clusters;
using NATS.Client.Core;
using NATS.Net;
using Npgsql;

namespace Aether.Benchmarks.Fleet;

/// <summary>How much the stores of a cluster hold of worlds, and the size of PostgreSQL's catalogue.</summary>
/// <param name="Objects">Schemas, roles, Redis users and streams, those of the servers themselves included.</param>
/// <param name="CatalogueBytes">Bytes of the catalogue's tables and indexes, dead rows included.</param>
internal sealed record StoreLeftovers(long Objects, long CatalogueBytes)
{
    public static async Task<StoreLeftovers> ReadAsync(
        DevelopmentCluster cluster, CancellationToken cancellationToken)
    {
        await using var data = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await using var command = data.CreateCommand(
            """
            SELECT (SELECT count(*) FROM pg_namespace WHERE nspname !~ '^pg_t')
                 + (SELECT count(*) FROM pg_roles),
                   (SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
                    WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r')
            """);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var users = await cluster.Redis.ExecuteAsync(cancellationToken, "ACL", "LIST");
        return new StoreLeftovers(
            row.GetInt64(0)
                + users.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length
                + await CountStreamsAsync(cluster, cancellationToken),
            row.GetInt64(1));
    }

    private static async Task<int> CountStreamsAsync(DevelopmentCluster cluster, CancellationToken cancellationToken)
    {
        await using var nats = new NatsConnection(new NatsOpts
        {
            Url = cluster.Nats.Url,
            AuthOpts = new NatsAuthOpts { Creds = cluster.NatsOperator.AdminCredentials },
        });
        var count = 0;
        var jetStream = nats.CreateJetStreamContext();
        await foreach (var _ in jetStream.ListStreamNamesAsync(cancellationToken: cancellationToken))
            count++;
        return count;
    }
}
