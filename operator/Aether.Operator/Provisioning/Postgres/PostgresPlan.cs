using System.Globalization;
using Aether.Persistence.Contracts;
using Aether.Persistence.Migrations;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Compares a world's objects in the catalogue with the desired ones. Each difference carries both its description and
/// its repair, so that nothing is written that was not found wrong.
/// </summary>
/// <param name="request">The desired state.</param>
/// <param name="serverMajor">The server's major version.</param>
internal sealed class PostgresPlan(ProvisioningRequest request, int serverMajor)
{
    private readonly string _schema = Identifier(request.Names.Schema);
    private readonly string _role = Identifier(request.Names.Role);
    private readonly string _mark = Literal(OwnerMark.Of(request.Owner).ToString());
    private readonly string _database = Identifier(request.Backend.Postgres.Database);
    private readonly string _admin = Identifier(request.Backend.Postgres.Username);
    private readonly List<PostgresDrift> _drifts = [];

    /// <summary>
    /// Identities that the world's data carries, as the schema names them once it is repaired. Set by <see
    /// cref="Compare"/>; null if there is no schema yet.
    /// </summary>
    public IReadOnlyList<string>? Identities { get; private set; }

    private string SchemaMark => Literal(
        (Identities is { } known ? OwnerMark.Of(request.Owner, known) : MarkOfNew(request.Owner)).ToString());

    /// <summary>The mark of a new schema.</summary>
    public static OwnerMark MarkOfNew(WorldOwner owner) =>
        OwnerMark.Of(owner, owner.Identities is [] ? [owner.Uid] : owner.Identities);

    /// <summary>All differences.</summary>
    /// <param name="schema">The schema; null if it does not exist.</param>
    /// <param name="role">The role; null if it does not exist.</param>
    /// <param name="passwordIsRight">
    /// Whether the role's password is the world's; irrelevant if there is no role.
    /// </param>
    /// <exception cref="ProvisioningException">
    /// An object belongs to another resource, or state has been lost.
    /// </exception>
    public IReadOnlyList<PostgresDrift> Compare(PostgresSchema? schema, PostgresRole? role, bool passwordIsRight)
    {
        // Check the ownership of both before planning a statement about either.
        var adoptSchema = schema is not null && MustAdopt($"PostgreSQL schema {_schema}", schema.Comment);
        var adoptRole = role is not null && MustAdopt($"PostgreSQL role {_role}", role.Comment);
        Identities = schema is null ? null : IdentitiesOf(schema);
        if (schema is { ActsAsOwner: false })
            return TakeOver(schema, role);
        RequireMembership(schema);

        var lost = schema is null ? [] : Lost(schema);
        if (!request.LossAccepted && (schema is null ? request.ExpectsSchema : lost.Count > 0))
            throw Refuse(schema, lost);

        CompareSchema(schema, role, adoptSchema);
        CompareRole(role, adoptRole, passwordIsRight);
        CompareRights(role);
        if (role is not null)
            CompareTables(schema?.OwnTables ?? [], role);
        if (schema is not null && lost.Count > 0)
            MoveAside(schema, lost);
        else if (schema is not null)
        {
            CompareStateless(schema);
            CompareConstraints(schema);
            CompareFunctions(schema, role);
        }

        return _drifts;
    }

    private bool MustAdopt(string what, string? comment) =>
        Ownership.MustAdopt(what, OwnerMark.Parse(comment), request.Owner);

    /// <summary>
    /// The statements that run a statement with the rights of the world's role, granted temporarily if necessary.
    /// </summary>
    public static string[] AsRole(PostgresRole? role, string name, string statement) => role is { ActsAsRole: false }
        ? [$"GRANT {name} TO CURRENT_USER", statement, $"REVOKE {name} FROM CURRENT_USER"]
        : [statement];

    // The schema's content cannot be read yet; the next round compares it.
    private List<PostgresDrift> TakeOver(PostgresSchema schema, PostgresRole? role)
    {
        if (!schema.OwnedByRole)
            throw PostgresFailures.NotAMember(
                request.Backend.Postgres, $"schema {_schema}", schema.Owner, serverMajor);
        Add($"schema {_schema} is owned by the world's role",
            AsRole(role, _role, $"ALTER SCHEMA {_schema} OWNER TO CURRENT_USER"));
        return _drifts;
    }

    private void RequireMembership(PostgresSchema? schema)
    {
        if (schema?.OwnTables.FirstOrDefault(table => table is { ActsAsOwner: false, OwnedByRole: false }) is { } table)
            throw PostgresFailures.NotAMember(request.Backend.Postgres,
                $"table {_schema}.{Identifier(table.Name)}", table.Owner, serverMajor);
    }

    // The identities are those of the mark, the owner that the mark names (an agent of an older version writes under
    // its owner's UID), and the UID to adopt if snapshots carry it (operators of older versions did not keep the
    // identity of an adopted world).
    private IReadOnlyList<string> IdentitiesOf(PostgresSchema schema)
    {
        var mark = OwnerMark.Parse(schema.Comment)!;
        var isProven = request.Owner.AdoptUid is { } uid
            && schema.SnapshotWorlds.Contains(SnapshotIdentities.HashOf(uid));
        List<string> all = [.. mark.Identities, .. mark.Owner == request.Owner.Uid ? [] : new[] { mark.Owner }];
        if (isProven)
            all.Add(request.Owner.AdoptUid!);
        return [.. all.Distinct().Take(1), .. all.Distinct().Skip(1).TakeLast(OwnerMark.MostIdentities - 1)];
    }

    // The tables of the migrations that the schema records. Without a record, the schema is new or has lost at least
    // the record.
    private IReadOnlyList<WorldTable> Due(PostgresSchema schema)
    {
        var mayBeNew = !schema.OwnTables.Any() && (request.LossAccepted || !request.ExpectsSchema);
        return schema.Migrations is null && mayBeNew
            ? []
            : WorldShape.After(schema.Migrations ?? WorldSchemaMigrator.Versions);
    }

    private List<string> Lost(PostgresSchema schema)
    {
        var lost = new List<string>();
        foreach (var table in Due(schema).Where(table => table.Definition is null))
        {
            if (schema.OwnTables.FirstOrDefault(found => found.Name == table.Name) is { } found)
                lost.AddRange(table.Columns.Except(found.Columns).Select(column =>
                    $"column {Identifier(column)} of table {Identifier(table.Name)}"));
            else
                lost.Add($"table {Identifier(table.Name)}");
        }

        return lost;
    }

    private void CompareSchema(PostgresSchema? schema, PostgresRole? role, bool adopt)
    {
        if (schema is null)
            Add([$"GRANT CREATE ON DATABASE {_database} TO {_admin}"], $"schema {_schema} is missing",
                $"CREATE SCHEMA {_schema}", $"COMMENT ON SCHEMA {_schema} IS {SchemaMark}");
        if (adopt)
            Add($"schema {_schema} is adopted from UID {OwnerMark.Parse(schema!.Comment)!.Owner}",
                $"COMMENT ON SCHEMA {_schema} IS {SchemaMark}");
        else if (schema is not null && !OwnerMark.Parse(schema.Comment)!.Identities.SequenceEqual(Identities!))
            Add($"schema {_schema} does not name {request.Owner.AdoptUid} as an identity that its data carries",
                $"COMMENT ON SCHEMA {_schema} IS {SchemaMark}");
        if (schema is { OwnedByRole: true })
            Add($"schema {_schema} is owned by the world's role",
                AsRole(role, _role, $"ALTER SCHEMA {_schema} OWNER TO CURRENT_USER"));
        if (schema is { OpenToPublic: true })
            Add($"schema {_schema} is open to everybody", $"REVOKE ALL ON SCHEMA {_schema} FROM PUBLIC");
    }

    private void CompareRole(PostgresRole? role, bool adopt, bool passwordIsRight)
    {
        var path = $"ALTER ROLE {_role} SET search_path = {_schema}";
        if (role is null)
        {
            Add([$"ALTER ROLE {_admin} CREATEROLE"], $"role {_role} is missing",
                $"CREATE ROLE {_role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS "
                    + $"CONNECTION LIMIT {PostgresCatalogue.ConnectionLimit} PASSWORD {Verifier()}",
                $"COMMENT ON ROLE {_role} IS {_mark}",
                path);
            return;
        }

        if (adopt)
            Add($"role {_role} is adopted from UID {OwnerMark.Parse(role.Comment)!.Owner}",
                $"COMMENT ON ROLE {_role} IS {_mark}");
        if (role.WrongAttributes.Count > 0)
        {
            var attributes = string.Join(' ', role.WrongAttributes);
            Add($"role {_role} lacks {attributes}", $"ALTER ROLE {_role} {attributes}");
        }

        if (!passwordIsRight)
            Add(RightsOnRole(), OtherPassword(), $"ALTER ROLE {_role} PASSWORD {Verifier()}");
        if (role.SearchPath is not { } set || !SettingText.Names(set).SequenceEqual([request.Names.Schema]))
            Add($"role {_role} has search_path {role.SearchPath ?? "of the server"}", path);
        foreach (var (group, grantor) in role.Memberships)
        {
            // From version 16 on, each grantor's grant is separate; without GRANTED BY, the current user's is meant.
            var by = serverMajor >= 16 ? $" GRANTED BY {Identifier(grantor)}" : "";
            AddShared($"role {_role} is a member of {Identifier(group)}",
                $"REVOKE {Identifier(group)} FROM {_role}{by}");
        }

        foreach (var other in role.ForeignSchemas)
            AddShared($"role {_role} has rights on schema {Identifier(other)}",
                $"REVOKE ALL ON SCHEMA {Identifier(other)} FROM {_role}");
    }

    private void CompareRights(PostgresRole? role)
    {
        if (role is { MayConnect: false })
            AddShared($"CONNECT on database {_database} is missing",
                [$"GRANT CONNECT ON DATABASE {_database} TO {_admin} WITH GRANT OPTION"],
                $"GRANT CONNECT ON DATABASE {_database} TO {_role}");
        if (role is { HasMoreOnSchema: true })
            Add($"role {_role} has more than USAGE on schema {_schema}",
                $"REVOKE ALL ON SCHEMA {_schema} FROM {_role}", $"GRANT USAGE ON SCHEMA {_schema} TO {_role}");
        else if (role is not { UsesSchema: true })
            Add($"USAGE on schema {_schema} is missing", $"GRANT USAGE ON SCHEMA {_schema} TO {_role}");
    }

    private void CompareTables(IEnumerable<PostgresTable> tables, PostgresRole role)
    {
        foreach (var table in tables)
        {
            var name = $"{_schema}.{Identifier(table.Name)}";
            if (table.OwnedByRole)
                Add($"table {name} is owned by the world's role",
                    AsRole(role, _role, $"ALTER TABLE {name} OWNER TO CURRENT_USER"));
            if (table.OpenToPublic)
                Add($"table {name} is open to everybody", $"REVOKE ALL ON TABLE {name} FROM PUBLIC");

            var missing = table.Due.Except(table.Granted).ToList();
            var surplus = table.Granted.Except(table.Due).ToList();
            if (missing.Count > 0)
                Add($"{List(missing)} on table {name} is missing", $"GRANT {List(missing)} ON TABLE {name} TO {_role}");
            if (surplus.Count > 0 && !table.OwnedByRole)
                Add($"{List(surplus)} on table {name} is too much",
                    $"REVOKE {List(surplus)} ON TABLE {name} FROM {_role}");
        }
    }

    // Tables without state of the world are recreated.
    private void CompareStateless(PostgresSchema schema)
    {
        foreach (var table in Due(schema).Where(table => table.Definition is not null))
        {
            var name = $"{_schema}.{Identifier(table.Name)}";
            if (FindWhole(schema, table) is null)
                Add($"table {name} is missing, or lacks a column",
                    $"DROP TABLE IF EXISTS {name}",
                    table.Definition!.Replace("{schema}", _schema, StringComparison.Ordinal));
        }
    }

    private static PostgresTable? FindWhole(PostgresSchema schema, WorldTable due) => schema.OwnTables.FirstOrDefault(
        found => found.Name == due.Name && !due.Columns.Except(found.Columns).Any());

    private void CompareConstraints(PostgresSchema schema)
    {
        foreach (var table in Due(schema))
        {
            var name = $"{_schema}.{Identifier(table.Name)}";
            if (FindWhole(schema, table)?.Constraints is not { } found)
                continue;
            foreach (var constraint in table.Constraints.Where(constraint => !found.Contains(constraint.Name)))
                Add($"constraint {Identifier(constraint.Name)} on table {name} is missing",
                    $"ALTER TABLE {name} ADD CONSTRAINT {Identifier(constraint.Name)} "
                        + constraint.Definition.Replace("{schema}", _schema, StringComparison.Ordinal));
        }
    }

    // Functions hold no state, so a missing or changed function is recreated.
    private void CompareFunctions(PostgresSchema schema, PostgresRole? role)
    {
        foreach (var due in WorldShape.FunctionsAfter(schema.Migrations ?? []))
        {
            var signature = due.SignatureIn(_schema);
            var found = schema.Functions.FirstOrDefault(other => other.Name == due.Name && other.Types == due.Types);
            var wrong = found is null ? "is missing"
                : found.OwnedByRole ? "is owned by the world's role"
                : !found.RunsAsOwner || found.Body != due.BodyIn(_schema)
                    || !SettingText.AreSame(found.Settings, due.Settings) ? "is not the one of the migrations"
                : null;
            if (wrong is not null)
                Add($"function {signature} {wrong}",
                [
                    .. found is { OwnedByRole: true }
                        ? AsRole(role, _role, $"DROP FUNCTION {signature}")
                        : [$"DROP FUNCTION IF EXISTS {signature}"],
                    .. due.StatementsFor(_schema),
                ]);
            if (found is null || wrong is not null)
                continue;
            if (found.OpenToPublic)
                Add($"function {signature} is open to everybody", $"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC");
            if (role is not null && !found.Granted)
                Add($"EXECUTE on function {signature} is missing", $"GRANT EXECUTE ON FUNCTION {signature} TO {_role}");
        }
    }

    // Do not recreate a lost table in place: an empty table would contradict the others, and a row of the world at
    // epoch 0 beside a journal of epoch 7 would let a fenced writer in.
    private void MoveAside(PostgresSchema schema, IReadOnlyList<string> lost) =>
        Add($"schema {_schema} has lost {List(lost)}; the rest was kept as {Aside(schema)}",
        [
            .. schema.OwnTables.Select(
                table => $"REVOKE ALL ON TABLE {_schema}.{Identifier(table.Name)} FROM {_role}"),
            .. schema.OwnFunctions.Select(
                function => $"REVOKE ALL ON FUNCTION {function.SignatureIn(_schema)} FROM {_role}"),
            $"REVOKE ALL ON SCHEMA {_schema} FROM {_role}",
            $"ALTER SCHEMA {_schema} RENAME TO {Aside(schema)}",
            $"CREATE SCHEMA {_schema}",
            $"COMMENT ON SCHEMA {_schema} IS {SchemaMark}",
        ]);

    // No world's schema has this name: theirs end in twelve characters, and an OID has at most ten digits.
    private static string Aside(PostgresSchema schema) =>
        Identifier(string.Create(CultureInfo.InvariantCulture, $"aether_lost_{schema.Id}"));

    private void Add(string what, params string[] statements) => _drifts.Add(new PostgresDrift(what, statements));

    private void Add(IReadOnlyList<string> remedy, string what, params string[] statements) =>
        _drifts.Add(new PostgresDrift(what, statements) { Remedy = remedy });

    private void AddShared(string what, string statement) =>
        _drifts.Add(new PostgresDrift(what, statement) { IsShared = true });

    private void AddShared(string what, IReadOnlyList<string> remedy, string statement) =>
        _drifts.Add(new PostgresDrift(what, statement) { Remedy = remedy, IsShared = true });

    private string[] RightsOnRole() => serverMajor >= 16
        ? [$"ALTER ROLE {_admin} CREATEROLE", $"GRANT {_role} TO {_admin} WITH ADMIN OPTION"]
        : [$"ALTER ROLE {_admin} CREATEROLE"];

    private string OtherPassword() => $"role {_role} has another password" + (
        request.Backend.Postgres.Certificates.Agents is null ? ""
        : ", or pg_hba.conf requires clientcert=verify-full for it, but agents of all worlds need verify-ca");

    private string Verifier() => Literal(ScramVerifier.Create(request.Credentials.PostgresPassword));

    private ProvisioningException Refuse(PostgresSchema? schema, IReadOnlyList<string> lost)
    {
        if (schema is null && !request.WasProvisioned)
            return new ProvisioningException(StoreReason.SchemaLost, Ownership.NothingToAdopt(
                $"PostgreSQL at {request.Backend.Postgres.Address} has no schema {_schema} in database "
                    + $"'{request.Backend.Postgres.Database}'",
                request.Owner));

        var place = $"in database '{request.Backend.Postgres.Database}'";
        var (loss, rest) = schema is null
            ? ($"no longer has schema {_schema} {place}", "")
            : ($"has lost {List(lost)} of schema {_schema} {place}",
                $" A new schema then replaces it, and the rest of this one is kept as {Aside(schema)}.");
        var first = request.Profile.Journal == JournalKind.JetStream
            ? $"remove JetStream stream {request.Names.JournalStream} if it still exists, since its journal continues "
                + "the lost state, and "
            : "";
        return new ProvisioningException(StoreReason.SchemaLost,
            $"PostgreSQL at {request.Backend.Postgres.Address} {loss}, which held this world's journal and snapshots. "
            + $"Restore it from a backup, or point the backend to its server. To continue without its data, {first}"
            + $"annotate this world with {OperatorNames.AcceptLossAnnotation}={request.Owner.Uid}.{rest}");
    }

    private static string List(IEnumerable<string> words) => string.Join(", ", words);
}
