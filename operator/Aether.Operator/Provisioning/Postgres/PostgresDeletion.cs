using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Drops the objects that the operator created for a world by name, never with CASCADE: other objects in the schema, or
/// built upon its tables, are not the operator's to drop. While there are such objects, nothing is dropped.
/// </summary>
internal sealed class PostgresDeletion(NpgsqlConnection connection, DeletionRequest request)
{
    private readonly string _schema = Identifier(request.Names.Schema);
    private readonly string _role = Identifier(request.Names.Role);

    /// <summary>Drops the world's objects within the connection's transaction.</summary>
    /// <exception cref="ProvisioningException">There are objects that the operator did not create.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var access = request.Backend.Postgres;
        var catalogue = new PostgresCatalogue(connection, request.Names.Schema, request.Names.Role);
        var role = await catalogue.ReadRoleAsync(cancellationToken);
        var schema = await catalogue.ReadSchemaAsync(cancellationToken);
        if (schema is not null && Ownership.IsOwn(OwnerMark.Parse(schema.Comment), request.Owner))
        {
            if (schema is { ActsAsOwner: false, OwnedByRole: false })
                throw PostgresFailures.NotAMember(access, $"schema {_schema}", schema.Owner, catalogue.ServerMajor);
            if (schema is { ActsAsOwner: false })
            {
                await DropAsync($"schema {_schema}",
                    PostgresPlan.AsRole(role, _role, $"ALTER SCHEMA {_schema} OWNER TO CURRENT_USER"),
                    cancellationToken);
                schema = await catalogue.ReadSchemaAsync(cancellationToken) ?? schema;
            }

            await DropAsync($"schema {_schema}", SchemaDrops(schema), cancellationToken);
        }

        if (role is not null && Ownership.IsOwn(OwnerMark.Parse(role.Comment), request.Owner))
        {
            // Last, and only if the role has grants in rows that worlds share.
            if (role.ForeignSchemas.Count > 0 || role.HasOwnGrantOnDatabase || role.FormerGrantors.Count > 0)
                await PostgresLocks.TakeAllWorldsAsync(connection, cancellationToken);
            await DropAsync($"role {_role}", RoleDrops(role), cancellationToken);
        }
    }

    private List<string> SchemaDrops(PostgresSchema schema)
    {
        var drops = new List<string>();
        var tables = schema.OwnTables.Where(table => !table.IsPartition)
            .Select(table => $"{_schema}.{Identifier(table.Name)}").ToList();
        if (tables.Count > 0)
            drops.Add($"DROP TABLE {string.Join(", ", tables)}");
        var functions = schema.OwnFunctions.Select(function => function.SignatureIn(_schema)).ToList();
        if (functions.Count > 0)
            drops.Add($"DROP FUNCTION {string.Join(", ", functions)}");
        drops.Add($"DROP SCHEMA {_schema}");
        return drops;
    }

    private List<string> RoleDrops(PostgresRole role)
    {
        var drops = role.ForeignSchemas
            .Select(other => $"REVOKE ALL ON SCHEMA {Identifier(other)} FROM {_role}").ToList();
        var revoke = $"REVOKE ALL ON DATABASE {Identifier(request.Backend.Postgres.Database)} FROM {_role}";
        if (role.HasOwnGrantOnDatabase)
            drops.Add(revoke);
        // A grant can be revoked only by the role that made it.
        foreach (var grantor in role.FormerGrantors)
            drops.AddRange([$"SET LOCAL ROLE {Identifier(grantor)}", revoke, "RESET ROLE"]);
        drops.Add($"DROP ROLE {_role}");
        return drops;
    }

    private async Task DropAsync(string what, IEnumerable<string> drops, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var statement in drops)
            {
                await using var command = new NpgsqlCommand(statement, connection);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        catch (PostgresException refusal) when (
            refusal.SqlState == PostgresErrorCodes.DependentObjectsStillExist)
        {
            throw new ProvisioningException(StoreReason.OwnedByAnother,
                $"PostgreSQL at {request.Backend.Postgres.Address}: {what} contains, or is used by, objects that the "
                + "operator did not create, so nothing was dropped: "
                + $"{refusal.Detail ?? refusal.MessageText}. Move them elsewhere (such as by ALTER TABLE ... SET "
                + "SCHEMA), or drop or revoke them yourself.", refusal);
        }
    }
}
