using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Drops what the operator made for a world, name by name and never with CASCADE: what somebody else put into the
/// schema, or built upon its tables, is not the operator's to drop. While there is such a thing, nothing is dropped.
/// </summary>
internal sealed class PostgresDeletion(NpgsqlConnection connection, DeletionRequest request)
{
    private readonly string _schema = Identifier(request.Names.Schema);
    private readonly string _role = Identifier(request.Names.Role);

    /// <summary>Drops it, within the connection's transaction.</summary>
    /// <exception cref="ProvisioningException">There is something that is not the operator's.</exception>
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
            await DropAsync($"role {_role}", RoleDrops(role), cancellationToken);
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
        // A grant is revoked by the role that made it, and by no other.
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
                $"PostgreSQL at {request.Backend.Postgres.Address}: {what} holds, or is used by, what the operator did "
                + $"not make, so nothing was dropped: {refusal.Detail ?? refusal.MessageText}. Move that elsewhere "
                + "(such as by ALTER TABLE ... SET SCHEMA), or drop or revoke it yourself.", refusal);
        }
    }
}
