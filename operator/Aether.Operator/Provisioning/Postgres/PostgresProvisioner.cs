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
    private const int MostAttempts = 3;

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

    public async Task<IReadOnlyDictionary<string, string>> SurveyAsync(
        BackendAccess backend, IReadOnlyList<SurveyedWorld> worlds, CancellationToken cancellationToken)
    {
        var facts = await UseAsync(backend.Postgres, data => PostgresSurvey.ReadAsync(
            data, backend.Postgres, cancellationToken));
        return worlds.Where(world => facts.ContainsKey(world.Names.Schema))
            .ToDictionary(world => world.Names.Id, world => facts[world.Names.Schema]);
    }

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.Postgres, async data =>
        {
            if (await RepairAsync(data, request, cancellationToken))
                return true;

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
        UseAsync(request.Backend.Postgres, data => RepeatAsync(
            request.Names.Schema,
            async () =>
            {
                await using var connection = await data.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await PostgresLocks.TakeWorldAsync(connection, request.Names.Schema, cancellationToken);
                await new PostgresDeletion(connection, request).RunAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return true;
            }));

    // True if the world was new and is complete now.
    private Task<bool> RepairAsync(
        NpgsqlDataSource data, ProvisioningRequest request, CancellationToken cancellationToken) => RepeatAsync(
        request.Names.Schema,
        async () =>
        {
            try
            {
                return await TryRepairAsync(data, request, mayCreate: true, cancellationToken);
            }
            catch (PostgresException exception) when (PostgresCreation.MayBeRepeatedInSteps(exception))
            {
                return await TryRepairAsync(data, request, mayCreate: false, cancellationToken);
            }
        });

    // An operator of an older version does not take the world's lock, and users may change grants at any time:
    // PostgreSQL then refuses the second change of a row with an internal error, and the next attempt finds what the
    // other has changed.
    private async Task<T> RepeatAsync<T>(string schema, Func<Task<T>> changeAsync)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await changeAsync();
            }
            catch (PostgresException exception) when (
                exception.SqlState == PostgresErrorCodes.InternalError && attempt < MostAttempts)
            {
                LogRepeated(schema, exception.MessageText);
            }
        }
    }

    private async Task<bool> TryRepairAsync(
        NpgsqlDataSource data, ProvisioningRequest request, bool mayCreate, CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await PostgresLocks.TakeWorldAsync(connection, request.Names.Schema, cancellationToken);

        // Compare again under the lock: the owner, above all, may have changed since the caller's inspection.
        var found = await CompareAsync(connection, request, isFirst: true, cancellationToken);
        var creates = mayCreate && found.IsNew;
        if (creates)
            await PostgresCreation.RunAsync(
                connection, request, found.Drifts, connection.PostgreSqlVersion.Major, cancellationToken);

        var repair = new PostgresRepair(connection, request.Backend.Postgres);
        await repair.RunAsync(
            async round => round == 0 && !creates
                ? found.Drifts
                : (await CompareAsync(connection, request, isFirst: false, cancellationToken)).Drifts,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (creates)
            LogCreated(request.Names.Schema, WorldSchemaMigrator.Versions.Count);
        foreach (var drift in repair.Repaired)
            LogRepaired(request.Names.Schema, drift.What);
        repair.Verify();
        return creates;
    }

    private static async Task<Comparison> CompareAsync(
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
        var drifts = plan.Compare(schema, role, passwordIsRight);
        return new Comparison(drifts, plan.Identities, IsNew: schema is null && role is null);
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
                + "spec.postgres.agentClientCertificateSecretRef must hold a valid certificate from a CA that the "
                + "server trusts for clients.", exception);
        }
    }

    private Task<T> UseAsync<T>(PostgresAccess access, Func<NpgsqlDataSource, Task<T>> use) =>
        connections.UseAsync(access, use);

    private WorldSchemaMigrator Migrator(NpgsqlDataSource data) => new(data, loggers);

    private sealed record Comparison(
        IReadOnlyList<PostgresDrift> Drifts, IReadOnlyList<string>? Identities, bool IsNew);

    [LoggerMessage(5101, LogLevel.Information, "Repaired PostgreSQL schema {Schema}: {Drift}")]
    private partial void LogRepaired(string schema, string drift);

    [LoggerMessage(5102, LogLevel.Information, "Ran {Count} migrations in PostgreSQL schema {Schema}")]
    private partial void LogMigrated(string schema, int count);

    [LoggerMessage(5103, LogLevel.Information, "Created PostgreSQL schema {Schema} as {Count} migrations define it")]
    private partial void LogCreated(string schema, int count);

    [LoggerMessage(5104, LogLevel.Information,
        "Repeating the changes of PostgreSQL schema {Schema}, because another session changed the same row: {Message}")]
    private partial void LogRepeated(string schema, string message);
}
