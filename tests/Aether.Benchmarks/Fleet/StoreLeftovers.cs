using Aether.DevCluster.Clusters;
using NATS.Client.Core;
using NATS.Net;
using Npgsql;

namespace Aether.Benchmarks.Fleet;

/// <summary>What the stores of a cluster hold, and the size of PostgreSQL's catalogue.</summary>
/// <param name="Objects">Names of schemas, roles, Redis users and streams, also of those that no world has.</param>
/// <param name="CatalogueBytes">Bytes of the catalogue's tables and indexes, dead rows included.</param>
internal sealed record StoreLeftovers(IReadOnlySet<string> Objects, long CatalogueBytes)
{
    public static async Task<StoreLeftovers> ReadAsync(
        DevelopmentCluster cluster, CancellationToken cancellationToken)
    {
        await using var data = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await using var command = data.CreateCommand(
            """
            SELECT ARRAY(SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_t'
                         UNION ALL SELECT 'role ' || rolname FROM pg_roles),
                   (SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
                    WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r')
            """);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var users = await cluster.Redis.ExecuteAsync(cancellationToken, "ACL", "USERS");
        var streams = await ReadStreamsAsync(cluster, cancellationToken);
        return new StoreLeftovers(
            new HashSet<string>(
            [
                .. row.GetFieldValue<string[]>(0),
                .. users.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(user => $"Redis user {user}"),
                .. streams.Select(stream => $"stream {stream}"),
            ]),
            row.GetInt64(1));
    }

    private static async Task<IReadOnlyList<string>> ReadStreamsAsync(
        DevelopmentCluster cluster, CancellationToken cancellationToken)
    {
        await using var nats = new NatsConnection(new NatsOpts
        {
            Url = cluster.Nats.Url,
            AuthOpts = new NatsAuthOpts { Creds = cluster.NatsOperator.AdminCredentials },
        });
        var names = new List<string>();
        var jetStream = nats.CreateJetStreamContext();
        await foreach (var name in jetStream.ListStreamNamesAsync(cancellationToken: cancellationToken))
            names.Add(name);
        return names;
    }
}
