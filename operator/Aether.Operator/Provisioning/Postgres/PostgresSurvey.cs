using System.Globalization;
using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Reads a hash of the facts about each world at once: everything that <see cref="PostgresCatalogue"/>, <see
/// cref="PostgresDivergences"/> and <see cref="PostgresStandbys"/> read of a single one, so that a world whose hash is
/// unchanged needs no inspection. A query that is added there is added here; PostgresSurveyTests hold both together.
/// </summary>
/// <remarks>
/// It locks no relation of a world, so that a lock on the tables of one world does not delay the survey of all.
/// </remarks>
internal static class PostgresSurvey
{
    // Facts that concern every world. Where verifiers are hidden, the server's counters of changed roles stand for the
    // passwords of all worlds. The times of the last resets distinguish counters that start again, as after a crash.
    // Hashes are not MD5, which a server in FIPS mode refuses.
    private const string ServerQuery = """
        SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT'),
               current_setting('track_counts')::boolean,
               hashtextextended(ROW(current_setting('server_version_num'), current_setting('synchronous_standby_names'),
                                current_user, d.oid, d.datdba,
                                ARRAY(SELECT a::text FROM aclexplode(d.datacl) a WHERE a.grantee = 0 ORDER BY 1),
                                (SELECT stats_reset FROM pg_stat_bgwriter),
                                pg_stat_get_db_stat_reset_time(d.oid))::text, 0),
               hashtextextended(ROW(pg_stat_get_tuples_inserted(r.oid), pg_stat_get_tuples_updated(r.oid),
                                pg_stat_get_tuples_deleted(r.oid))::text, 0)
        FROM pg_database d, pg_class r
        WHERE d.datname = current_database() AND r.oid = 'pg_catalog.pg_authid'::regclass
        """;

    // A world's schema and role have the same name. Partitions come and go while a world runs, so only their distinct
    // facts count. The rows of two tables are not read: their counters stand for them.
    private const string WorldsQuery = """
        SELECT f.name::text, hashtextextended(string_agg(f.fact, E'\n' ORDER BY f.fact COLLATE "C"), 0) FROM (
        WITH spaces AS MATERIALIZED (
          SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspname LIKE 'aether\_%'
        ), roles AS MATERIALIZED (
          SELECT r.* FROM pg_roles r WHERE r.rolname LIKE 'aether\_%'
        ), relations AS MATERIALIZED (
          SELECT n.nspname, c.oid, c.relname, c.relnamespace, c.relowner, c.relacl, c.relispartition
          FROM spaces n JOIN pg_class c ON c.relnamespace = n.oid WHERE c.relkind IN ('r', 'p')
        )
          SELECT n.nspname, ROW('schema', n.oid, pg_get_userbyid(n.nspowner), pg_has_role(n.nspowner, 'USAGE'),
                                n.nspacl, obj_description(n.oid, 'pg_namespace'))::text
          FROM spaces n
          UNION ALL
          SELECT c.nspname, ROW('table', c.relname, c.relowner, pg_has_role(c.relowner, 'USAGE'), c.relacl)::text
          FROM relations c WHERE NOT c.relispartition
          UNION ALL
          SELECT DISTINCT c.nspname, ROW('partition', c.relowner, pg_has_role(c.relowner, 'USAGE'), c.relacl,
                                         p.relname, p.relnamespace = c.relnamespace)::text
          FROM relations c JOIN pg_inherits i ON i.inhrelid = c.oid JOIN pg_class p ON p.oid = i.inhparent
          WHERE c.relispartition
          UNION ALL
          SELECT c.nspname, ROW('column', c.relname, a.attname)::text
          FROM relations c JOIN pg_attribute a ON a.attrelid = c.oid
          WHERE NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
          UNION ALL
          SELECT c.nspname, ROW('constraint', c.relname, k.conname)::text
          FROM relations c JOIN pg_constraint k ON k.conrelid = c.oid WHERE NOT c.relispartition
          UNION ALL
          SELECT c.nspname, ROW('index', c.relname, i.relname)::text
          FROM relations c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
          WHERE NOT c.relispartition
          UNION ALL
          SELECT n.nspname, ROW('function', p.proname, p.proargtypes, p.prosrc, p.prosecdef, p.proconfig, p.proowner,
                                p.proacl)::text
          FROM spaces n JOIN pg_proc p ON p.pronamespace = n.oid WHERE p.prokind = 'f'
          UNION ALL
          SELECT c.nspname, ROW('rows', c.relname, pg_stat_get_tuples_inserted(c.oid),
                                pg_stat_get_tuples_updated(c.oid), pg_stat_get_tuples_deleted(c.oid))::text
          FROM relations c WHERE c.relname IN ('diverged_tails', 'schema_versions')
          UNION ALL
          SELECT r.rolname, ROW('role', r.oid, r.rolsuper, r.rolcreatedb, r.rolcreaterole, r.rolinherit,
                                r.rolreplication, r.rolbypassrls, r.rolcanlogin, r.rolconnlimit, r.rolvaliduntil,
                                r.rolconfig, shobj_description(r.oid, 'pg_authid'), pg_has_role(r.oid, 'USAGE'),
                                has_database_privilege(r.oid, current_database(), 'CONNECT'))::text
          FROM roles r
          UNION ALL
          SELECT r.rolname, ROW('member', m.roleid, m.grantor)::text
          FROM roles r JOIN pg_auth_members m ON m.member = r.oid
          UNION ALL
          SELECT r.rolname, ROW('granted', n.oid, a.privilege_type, a.grantor)::text
          FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) a JOIN roles r ON r.oid = a.grantee
          UNION ALL
          SELECT r.rolname, ROW('database', a.privilege_type, a.grantor, pg_has_role(a.grantor, 'MEMBER'))::text
          FROM pg_database d CROSS JOIN aclexplode(d.datacl) a JOIN roles r ON r.oid = a.grantee
          WHERE d.datname = current_database(){0}
        ) f (name, fact) GROUP BY f.name
        """;

    private const string Verifiers = """

          UNION ALL
          SELECT r.rolname, ROW('password', a.rolpassword)::text FROM roles r JOIN pg_authid a ON a.oid = r.oid
        """;

    private static readonly string WithVerifiers = WorldsQuery.Replace("{0}", Verifiers, StringComparison.Ordinal);
    private static readonly string WithoutVerifiers = WorldsQuery.Replace("{0}", "", StringComparison.Ordinal);

    /// <summary>A hash of the facts for each name of a schema or role of ours.</summary>
    /// <exception cref="ProvisioningException">The server does not count changed rows.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(
        NpgsqlDataSource data, PostgresAccess access, CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken);
        var (verifiers, server) = await ReadServerAsync(connection, access, cancellationToken);
        await using var command = new NpgsqlCommand(verifiers ? WithVerifiers : WithoutVerifiers, connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancellationToken))
            facts[rows.GetString(0)] = string.Create(CultureInfo.InvariantCulture, $"{server} {rows.GetInt64(1)}");
        return facts;
    }

    private static async Task<(bool Verifiers, string Facts)> ReadServerAsync(
        NpgsqlConnection connection, PostgresAccess access, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ServerQuery, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        if (!row.GetBoolean(1))
            throw new ProvisioningException(StoreReason.Refused,
                $"PostgreSQL at {access.Address} has track_counts off, so it does not show which tables changed. Set "
                + "track_counts to on, which autovacuum needs too.");
        var verifiers = row.GetBoolean(0);
        return (verifiers, string.Create(
            CultureInfo.InvariantCulture, $"{row.GetInt64(2)} {(verifiers ? 0 : row.GetInt64(3))}"));
    }
}
