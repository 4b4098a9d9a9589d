using Aether.Persistence.Migrations;
using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Creates the role and the schema of a world that has neither by one statement. Its parts are those of <see
/// cref="PostgresPlan"/> and of the migrations: this class only foresees what the plan would find between them.
/// </summary>
internal static class PostgresCreation
{
    /// <summary>Runs the script within the connection's transaction, under the world's lock.</summary>
    /// <param name="connection">A connection within a transaction.</param>
    /// <param name="request">The world's request.</param>
    /// <param name="missing">The differences of a world without role and schema.</param>
    /// <param name="serverMajor">The server's major version.</param>
    /// <param name="cancellationToken">Cancels the script, which then has no effect.</param>
    public static async Task RunAsync(
        NpgsqlConnection connection,
        ProvisioningRequest request,
        IReadOnlyList<PostgresDrift> missing,
        int serverMajor,
        CancellationToken cancellationToken)
    {
        var grants = new PostgresPlan(request, serverMajor).Compare(Migrated(request), Created(request), true);
        string[] statements =
        [
            .. missing.Where(drift => !drift.IsShared).SelectMany(drift => drift.Statements),
            WorldSchemaScript.For(request.Names.Schema),
            "SET LOCAL search_path TO pg_catalog, pg_temp",
            .. grants.SelectMany(drift => drift.Statements),
        ];

        // One string: PostgreSQL analyses each of its statements after running the one before.
        await using var command = new NpgsqlCommand(
            $"DO $create$ BEGIN EXECUTE $world${string.Join(";\n", statements)}$world$; END $create$", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Whether to try again with the statements one by one. They name the missing right, and find what another operator
    /// has created in the meantime.
    /// </summary>
    public static bool MayBeRepeatedInSteps(PostgresException exception) => exception.SqlState is
        PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.DuplicateObject
        or PostgresErrorCodes.DuplicateSchema or PostgresErrorCodes.UniqueViolation;

    // The schema as the migrations leave it: complete, and without a grant.
    private static PostgresSchema Migrated(ProvisioningRequest request) => new()
    {
        Comment = PostgresPlan.MarkOfNew(request.Owner).ToString(),
        Owner = request.Backend.Postgres.Username,
        ActsAsOwner = true,
        OwnedByRole = false,
        OpenToPublic = false,
        Id = 0,
        Migrations = WorldSchemaMigrator.Versions,
        Tables =
        [
            .. WorldShape.After(WorldSchemaMigrator.Versions).Select(table => new PostgresTable(
                table.Name, request.Backend.Postgres.Username, ActsAsOwner: true, OwnedByRole: false,
                OpenToPublic: false, Granted: [], table.Columns,
                [.. table.Constraints.Select(constraint => constraint.Name)], IsPartition: false, Parent: null)),
        ],
        Functions =
        [
            .. WorldShape.FunctionsAfter(WorldSchemaMigrator.Versions).Select(function => new PostgresFunction(
                function.Name, function.Types, function.BodyIn(Identifier(request.Names.Schema)), RunsAsOwner: true,
                function.Settings, OwnedByRole: false, OpenToPublic: false, Granted: false)),
        ],
    };

    // The role as the plan creates it. Whether it may connect shows only afterwards: that depends on the database.
    private static PostgresRole Created(ProvisioningRequest request) => new()
    {
        WrongAttributes = [],
        Comment = OwnerMark.Of(request.Owner).ToString(),
        SearchPath = request.Names.Schema,
        MayConnect = true,
        HasOwnGrantOnDatabase = false,
        FormerGrantors = [],
        UsesSchema = true,
        HasMoreOnSchema = false,
        Verifier = null,
        VerifierVisible = false,
        ForeignSchemas = [],
        Memberships = [],
        ActsAsRole = true,
    };
}
