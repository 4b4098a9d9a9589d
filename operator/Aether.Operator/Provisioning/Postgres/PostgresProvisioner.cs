using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using Aether.Persistence.Migrations;
using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Provisions a world's PostgreSQL schema with its tables, and a login role that may use only that schema.
/// </summary>
internal sealed partial class PostgresProvisioner(PostgresConnections connections, ILoggerFactory loggers)
    : IStoreProvisioner
{
    private readonly ILogger _log = loggers.CreateLogger<PostgresProvisioner>();

    public StoreName Store => StoreName.Postgres;

    // Includes user and database: a server may refuse connections for one of them alone.
    public StorePlace PlaceOf(BackendAccess backend) => PlaceOf(backend.Postgres);

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) =>
        CheckAsync(connections, backend.Postgres, cancellationToken);

    /// <inheritdoc cref="IStoreProvisioner.PlaceOf"/>
    public static StorePlace PlaceOf(PostgresAccess access) => new(StoreName.Postgres, access.Address, string.Join(
        '\n', access.Database, access.Username, access.SslMode))
    {
        Credentials = StorePlace.Fingerprint(access.Username, access.Password, access.Certificates.Fingerprint),
    };

    /// <inheritdoc cref="IStoreProvisioner.CheckAsync"/>
    public static Task CheckAsync(
        PostgresConnections connections, PostgresAccess access, CancellationToken cancellationToken) =>
        connections.UseAsync(access, async data =>
        {
            await using var command = data.CreateCommand("""
                SELECT rolsuper OR rolcreaterole,
                       has_database_privilege(current_database(), 'CREATE'),
                       has_database_privilege(current_database(), 'CONNECT WITH GRANT OPTION') OR EXISTS (
                         SELECT FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                         WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type = 'CONNECT')
                FROM pg_roles WHERE rolname = current_user
                """);
            await using var rights = await command.ExecuteReaderAsync(cancellationToken);
            await rights.ReadAsync(cancellationToken);
            RequireRights(access, rights.GetBoolean(0), rights.GetBoolean(1), rights.GetBoolean(2));
            return true;
        });

    public Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.Postgres, async data =>
        {
            var names = request.Names;
            List<Drift> drifts;
            IReadOnlyList<string>? identities;
            string standbys;
            await using (var connection = await data.OpenConnectionAsync(cancellationToken))
            {
                var plan = await CompareAsync(connection, request, isFirst: true, cancellationToken);
                (drifts, identities) = ([.. plan.Drifts], plan.Identities);
                standbys = await PostgresStandbys.DescribeAsync(connection, request.Profile, cancellationToken);
            }

            // While there are differences, the operator may not even have the right to read the schema.
            if (drifts.Count == 0
                && await Migrator(data).PendingAsync(names.Schema, cancellationToken) is { Count: > 0 } pending)
                drifts.Add(new Drift($"schema {Identifier(names.Schema)} lacks {pending.Count} migrations"));
            return new StoreInspection(drifts)
            {
                Identities = identities,

                // Divergences of a schema with differences are read at the next inspection.
                Divergences = drifts.Count > 0
                    ? []
                    : await PostgresDivergences.ReadAfterAsync(
                        data, names.Schema, request.DivergencesKnown, cancellationToken),
                Message = $"Schema {names.Schema} in database {request.Backend.Postgres.Database} at "
                    + $"{request.Backend.Postgres.Address}.{standbys}",
            };
        });

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.Postgres, async data =>
        {
            await RepairAsync(data, request, cancellationToken);
            var migrated = await Migrator(data).MigrateUpAsync(request.Names.Schema, cancellationToken);
            if (migrated.Count > 0)
            {
                LogMigrated(request.Names.Schema, migrated.Count);
                await RepairAsync(data, request, cancellationToken);
            }

            return true;
        });

    public Task<LiveWriter?> FindWriterAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.Postgres, async data =>
        {
            await using var connection = await data.OpenConnectionAsync(cancellationToken);
            return await PostgresLease.ReadAsync(connection, request, cancellationToken);
        });

    public Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.Postgres, async data =>
        {
            await using var connection = await data.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await LockAsync(connection, cancellationToken);
            await new PostgresDeletion(connection, request).RunAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        });

    private async Task RepairAsync(
        NpgsqlDataSource data, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, cancellationToken);
        var repair = new PostgresRepair(connection, request.Backend.Postgres);
        // Compare again under the lock: the owner, above all, may have changed since the caller's inspection.
        await repair.RunAsync(
            async round => (await CompareAsync(connection, request, isFirst: round == 0, cancellationToken)).Drifts,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        foreach (var drift in repair.Repaired)
            LogRepaired(request.Names.Schema, drift.What);
        repair.Verify();
    }

    private static async Task<(IReadOnlyList<PostgresDrift> Drifts, IReadOnlyList<string>? Identities)> CompareAsync(
        NpgsqlConnection connection,
        ProvisioningRequest request,
        bool isFirst,
        CancellationToken cancellationToken)
    {
        var catalogue = new PostgresCatalogue(connection, request.Names.Schema, request.Names.Role);
        var schema = await catalogue.ReadSchemaAsync(cancellationToken);
        if (schema is not null && request.Owner.AdoptUid is { } uid
            && OwnerMark.Parse(schema.Comment) is { } mark && mark.Owner != uid && !mark.Identities.Contains(uid))
            schema = schema with
            {
                SnapshotWorlds = await SnapshotIdentities.ReadAsync(
                    connection, schema, request.Names.Schema, cancellationToken),
            };
        var role = await catalogue.ReadRoleAsync(cancellationToken);
        // Not in later rounds: a login does not see this transaction's new password, and would count as a failed one.
        var passwordIsRight = role is null || !isFirst
            || await IsPasswordRightAsync(role, request, cancellationToken);
        var plan = new PostgresPlan(request, catalogue.ServerMajor);
        return (plan.Compare(schema, role, passwordIsRight), plan.Identities);
    }

    private static void RequireRights(PostgresAccess access, bool makesRoles, bool makesSchemas, bool grantsConnect)
    {
        var (user, database) = (Identifier(access.Username), Identifier(access.Database));
        List<string> remedies = [];
        if (!makesRoles)
            remedies.Add($"ALTER ROLE {user} CREATEROLE;");
        if (!makesSchemas)
            remedies.Add($"GRANT CREATE ON DATABASE {database} TO {user};");
        if (!grantsConnect)
            remedies.Add($"GRANT CONNECT ON DATABASE {database} TO {user} WITH GRANT OPTION;");
        if (remedies.Count > 0)
            throw new ProvisioningException(StoreReason.PermissionDenied,
                $"PostgreSQL at {access.Address} gives user '{access.Username}' too few rights: it needs CREATEROLE, "
                + $"CREATE on database '{access.Database}', and the right to grant CONNECT to the worlds' roles. As a "
                + $"superuser or as the owner run: {string.Join(' ', remedies)}");
    }

    private static async Task<bool> IsPasswordRightAsync(
        PostgresRole role, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var password = request.Credentials.PostgresPassword;
        if (role.VerifierVisible)
            return ScramVerifier.Matches(role.Verifier, password);

        // An administrator without superuser rights cannot read the verifier: try a login instead.
        await using var data = PostgresAdmin.Open(request.Backend.Postgres, request.Names.Role, password);
        try
        {
            await using var connection = await data.OpenConnectionAsync(cancellationToken);
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            return false;
        }
        catch (PostgresException exception) when (
            exception.SqlState is PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.InsufficientPrivilege
                or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            // The server checks these after the password, so the password is right.
            return true;
        }
        catch (NpgsqlException exception) when (TlsAlert.Find(exception) is { } alert)
        {
            throw new ProvisioningException(StoreReason.ClientCertificateRefused,
                $"PostgreSQL at {request.Backend.Postgres.Address} {TlsAlert.Explain(alert)}. This concerns the "
                + "certificate of the agents: the Secret of the backend's "
                + "spec.postgres.agentClientCertificateSecretRef must hold one that is valid and comes from a CA "
                + "that the server trusts for clients.", exception);
        }
    }

    // One lock for all worlds: grants on the database, and on schemas that worlds share by mistake, change the same
    // rows of the catalogue, and PostgreSQL refuses the second of two concurrent changes. If the lock's name changed,
    // old and new operators would no longer exclude each other.
    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await PostgresSession.PinTransactionAsync(connection, cancellationToken);
        await using var command = new NpgsqlCommand(
            "SELECT set_config('lock_timeout', '10s', true), "
            + "pg_advisory_xact_lock(hashtextextended('aether provisioning', 0))",
            connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private Task<T> UseAsync<T>(PostgresAccess access, Func<NpgsqlDataSource, Task<T>> use) =>
        connections.UseAsync(access, use);

    private WorldSchemaMigrator Migrator(NpgsqlDataSource data) => new(data, loggers);

    [LoggerMessage(5101, LogLevel.Information, "Repaired PostgreSQL schema {Schema}: {Drift}")]
    private partial void LogRepaired(string schema, string drift);

    [LoggerMessage(5102, LogLevel.Information, "Ran {Count} migrations in PostgreSQL schema {Schema}")]
    private partial void LogMigrated(string schema, int count);
}
