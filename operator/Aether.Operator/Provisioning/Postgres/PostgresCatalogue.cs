using Aether.Persistence.Migrations;
using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>Reads a world's objects from PostgreSQL's catalogue. Writes nothing.</summary>
internal sealed class PostgresCatalogue(NpgsqlConnection connection, string schemaName, string roleName)
{
    /// <summary>
    /// Connection limit of a world's role: the pool of its agent, and that of an agent that takes over.
    /// </summary>
    public const int ConnectionLimit = 20;

    private const string RoleQuery = """
        SELECT array_remove(ARRAY[
                 CASE WHEN r.rolsuper THEN 'NOSUPERUSER' END,
                 CASE WHEN r.rolcreatedb THEN 'NOCREATEDB' END,
                 CASE WHEN r.rolcreaterole THEN 'NOCREATEROLE' END,
                 CASE WHEN r.rolinherit THEN 'NOINHERIT' END,
                 CASE WHEN r.rolreplication THEN 'NOREPLICATION' END,
                 CASE WHEN r.rolbypassrls THEN 'NOBYPASSRLS' END,
                 CASE WHEN NOT r.rolcanlogin THEN 'LOGIN' END,
                 CASE WHEN r.rolconnlimit <> $3 THEN 'CONNECTION LIMIT ' || $3 END,
                 CASE WHEN r.rolvaliduntil < 'infinity' THEN 'VALID UNTIL ''infinity''' END], NULL),
               shobj_description(r.oid, 'pg_authid'),
               (SELECT substr(c, length('search_path=') + 1) FROM unnest(r.rolconfig) c WHERE c LIKE 'search\_path=%'),
               has_database_privilege(r.oid, current_database(), 'CONNECT'),
               EXISTS (SELECT FROM pg_namespace n, aclexplode(n.nspacl) a
                       WHERE n.nspname = $1 AND a.grantee = r.oid AND a.privilege_type = 'USAGE'),
               EXISTS (SELECT FROM pg_namespace n, aclexplode(n.nspacl) a
                       WHERE n.nspname = $1 AND a.grantee = r.oid AND a.privilege_type <> 'USAGE'),
               ARRAY(SELECT DISTINCT n.nspname::text FROM pg_namespace n, aclexplode(n.nspacl) a
                     WHERE n.nspname <> $1 AND a.grantee = r.oid),
               ARRAY(SELECT pg_get_userbyid(m.roleid)::text FROM pg_auth_members m WHERE m.member = r.oid
                     ORDER BY m.roleid, m.grantor),
               has_table_privilege('pg_catalog.pg_authid', 'SELECT'),
               EXISTS (SELECT FROM pg_database d, aclexplode(d.datacl) a
                       WHERE d.datname = current_database() AND a.grantee = r.oid),
               ARRAY(SELECT pg_get_userbyid(m.grantor)::text FROM pg_auth_members m WHERE m.member = r.oid
                     ORDER BY m.roleid, m.grantor),
               pg_has_role(r.oid, 'USAGE'),
               ARRAY(SELECT DISTINCT pg_get_userbyid(a.grantor)::text FROM pg_database d, aclexplode(d.datacl) a
                     WHERE d.datname = current_database() AND a.grantee = r.oid AND a.grantor <> d.datdba
                       AND pg_get_userbyid(a.grantor) <> current_user AND pg_has_role(a.grantor, 'MEMBER'))
        FROM pg_roles r WHERE r.rolname = $2
        """;

    private const string SchemaQuery = """
        SELECT obj_description(n.oid, 'pg_namespace'),
               pg_get_userbyid(n.nspowner) = $2,
               EXISTS (SELECT FROM aclexplode(n.nspacl) a WHERE a.grantee = 0),
               n.oid,
               pg_get_userbyid(n.nspowner)::text,
               pg_has_role(n.nspowner, 'USAGE')
        FROM pg_namespace n WHERE n.nspname = $1
        """;

    private const string TablesQuery = """
        SELECT c.relname::text,
               pg_get_userbyid(c.relowner)::text,
               pg_has_role(c.relowner, 'USAGE'),
               pg_get_userbyid(c.relowner) = $2,
               EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0),
               ARRAY(SELECT DISTINCT a.privilege_type FROM aclexplode(c.relacl) a
                     WHERE a.grantee <> 0 AND pg_get_userbyid(a.grantee) = $2 ORDER BY 1),
               ARRAY(SELECT a.attname::text FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
               ARRAY(SELECT k.conname::text FROM pg_constraint k WHERE k.conrelid = c.oid
                     UNION SELECT i.relname::text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                     WHERE x.indrelid = c.oid),
               c.relispartition,
               (SELECT p.relname::text FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
                WHERE i.inhrelid = c.oid AND c.relispartition AND p.relnamespace = c.relnamespace)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') ORDER BY 1
        """;

    // Without an ACL, PostgreSQL lets everybody call a function.
    private const string FunctionsQuery = """
        SELECT p.proname::text, oidvectortypes(p.proargtypes), p.prosrc, p.prosecdef,
               coalesce(p.proconfig, '{}'),
               pg_get_userbyid(p.proowner) = $2,
               EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0),
               EXISTS (SELECT FROM aclexplode(p.proacl) a
                       WHERE a.grantee <> 0 AND pg_get_userbyid(a.grantee) = $2)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = $1 AND p.prokind = 'f'
        """;

    /// <summary>The server's major version.</summary>
    public int ServerMajor => connection.PostgreSqlVersion.Major;

    /// <summary>The world's role; null if it does not exist.</summary>
    public async Task<PostgresRole?> ReadRoleAsync(CancellationToken cancellationToken)
    {
        PostgresRole role;
        await using (var command = Command(RoleQuery))
        {
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = ConnectionLimit });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken))
                return null;

            role = new PostgresRole
            {
                WrongAttributes = reader.GetFieldValue<string[]>(0),
                Comment = reader.IsDBNull(1) ? null : reader.GetString(1),
                SearchPath = reader.IsDBNull(2) ? null : reader.GetString(2),
                MayConnect = reader.GetBoolean(3),
                UsesSchema = reader.GetBoolean(4),
                HasMoreOnSchema = reader.GetBoolean(5),
                ForeignSchemas = reader.GetFieldValue<string[]>(6),
                Memberships = [.. reader.GetFieldValue<string[]>(7).Zip(reader.GetFieldValue<string[]>(10))],
                VerifierVisible = reader.GetBoolean(8),
                HasOwnGrantOnDatabase = reader.GetBoolean(9),
                ActsAsRole = reader.GetBoolean(11),
                FormerGrantors = reader.GetFieldValue<string[]>(12),
                Verifier = null,
            };
        }

        return role.VerifierVisible ? role with { Verifier = await ReadVerifierAsync(cancellationToken) } : role;
    }

    /// <summary>The world's schema with its tables and functions; null if it does not exist.</summary>
    public async Task<PostgresSchema?> ReadSchemaAsync(CancellationToken cancellationToken)
    {
        PostgresSchema schema;
        await using (var command = Command(SchemaQuery))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken))
                return null;

            schema = new PostgresSchema
            {
                Comment = reader.IsDBNull(0) ? null : reader.GetString(0),
                OwnedByRole = reader.GetBoolean(1),
                OpenToPublic = reader.GetBoolean(2),
                Id = reader.GetFieldValue<uint>(3),
                Owner = reader.GetString(4),
                ActsAsOwner = reader.GetBoolean(5),
                Migrations = null,
                Tables = [],
                Functions = [],
            };
        }

        return !schema.ActsAsOwner ? schema : schema with
        {
            Migrations = await WorldSchemaMigrator.AppliedAsync(connection, schemaName, cancellationToken),
            Tables = await ReadTablesAsync(cancellationToken),
            Functions = await ReadFunctionsAsync(cancellationToken),
        };
    }

    private async Task<IReadOnlyList<PostgresTable>> ReadTablesAsync(CancellationToken cancellationToken)
    {
        var tables = new List<PostgresTable>();
        await using var command = Command(TablesQuery);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            tables.Add(new PostgresTable(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetBoolean(2),
                reader.GetBoolean(3),
                reader.GetBoolean(4),
                reader.GetFieldValue<string[]>(5),
                reader.GetFieldValue<string[]>(6),
                reader.GetFieldValue<string[]>(7),
                reader.GetBoolean(8),
                reader.IsDBNull(9) ? null : reader.GetString(9)));
        return tables;
    }

    private async Task<IReadOnlyList<PostgresFunction>> ReadFunctionsAsync(CancellationToken cancellationToken)
    {
        var functions = new List<PostgresFunction>();
        await using var command = Command(FunctionsQuery);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            functions.Add(new PostgresFunction(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetBoolean(3),
                reader.GetFieldValue<string[]>(4),
                reader.GetBoolean(5),
                reader.GetBoolean(6),
                reader.GetBoolean(7)));
        return functions;
    }

    private async Task<string?> ReadVerifierAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT rolpassword FROM pg_authid WHERE rolname = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = roleName });
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    private NpgsqlCommand Command(string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schemaName });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = roleName });
        return command;
    }
}
