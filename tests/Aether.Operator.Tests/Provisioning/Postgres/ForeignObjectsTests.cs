using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;

namespace Aether.Operator.Tests.Provisioning.Postgres;

/// <summary>Objects that users create in a world's schema, or build upon its tables, are not the operator's.</summary>
public sealed class ForeignObjectsTests(Servers servers) : IAsyncLifetime
{
    private const string Rights = """
        SELECT string_agg(concat_ws(' ', name, owner, acl), E'\n' ORDER BY name) FROM (
          SELECT relname::text, pg_get_userbyid(relowner)::text, relacl::text FROM pg_class
          WHERE relnamespace = '{schema}'::regnamespace AND relname LIKE 'users_%'
          UNION ALL SELECT proname::text, pg_get_userbyid(proowner)::text, proacl::text FROM pg_proc
          WHERE pronamespace = '{schema}'::regnamespace AND proname LIKE 'users_%') AS found (name, owner, acl)
        """;

    private readonly PostgresProvisioner _provisioner = StoreProvisioners.Postgres();
    private TestDatabase _database = null!;

    private ProvisioningRequest Request => _database.World.Request();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(servers);
        await _provisioner.EnsureAsync(Request, Stop);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact, Trait("Field", "F18")]
    public async Task Foreign_objects_are_no_drift_and_get_no_grants()
    {
        await _database.RunAsync("""
            CREATE TABLE {schema}.users_table (id int PRIMARY KEY);
            CREATE TABLE {schema}.users_parts (id int) PARTITION BY RANGE (id);
            CREATE TABLE {schema}.users_part PARTITION OF {schema}.users_parts DEFAULT;
            CREATE VIEW {schema}.users_view AS SELECT id FROM {schema}.world;
            CREATE MATERIALIZED VIEW {schema}.users_copy AS SELECT id FROM {schema}.world;
            CREATE SEQUENCE {schema}.users_sequence;
            CREATE FUNCTION {schema}.users_function() RETURNS int LANGUAGE sql AS 'SELECT 1';
            GRANT SELECT ON {schema}.users_table, {schema}.users_view TO PUBLIC;
            ALTER TABLE {schema}.users_parts OWNER TO {role}
            """);
        var before = await _database.AskAsync(Rights);
        await _database.RunAsync("REVOKE INSERT ON {schema}.world FROM {role}");

        var found = await _provisioner.InspectAsync(Request, Stop);
        await _provisioner.EnsureAsync(Request, Stop);

        Assert.Contains("INSERT on table", Assert.Single(found.Drifts).What, StringComparison.Ordinal);
        Assert.Equal(before, await _database.AskAsync(Rights));
        Assert.Empty((await _provisioner.InspectAsync(Request, Stop)).Drifts);
    }

    [Theory, Trait("Field", "F18")]
    [InlineData("CREATE TABLE {schema}.users_table AS SELECT 1 AS id", "users_table",
        "ALTER TABLE {schema}.users_table SET SCHEMA public", "SELECT id FROM public.users_table")]
    [InlineData("CREATE TABLE public.users_table AS SELECT 1 AS id; "
        + "ALTER TABLE public.users_table ADD CONSTRAINT users_key FOREIGN KEY (id) REFERENCES {schema}.world (id)",
        "users_key", "ALTER TABLE public.users_table DROP CONSTRAINT users_key", "SELECT id FROM public.users_table")]
    [InlineData("CREATE VIEW public.users_view AS SELECT id FROM {schema}.world", "users_view",
        "CREATE OR REPLACE VIEW public.users_view AS SELECT 1::smallint AS id",
        "SELECT id::int FROM public.users_view")]
    [InlineData("CREATE FUNCTION {schema}.users_function() RETURNS int LANGUAGE sql AS 'SELECT 1'", "users_function",
        "ALTER FUNCTION {schema}.users_function SET SCHEMA public", "SELECT public.users_function()")]
    [InlineData("CREATE TYPE {schema}.users_type AS ENUM ('1')", "users_type",
        "ALTER TYPE {schema}.users_type SET SCHEMA public", "SELECT '1'::public.users_type::text::int")]
    public async Task Deletion_names_foreign_objects_and_drops_nothing_until_they_are_moved(
        string made, string name, string moved, string kept)
    {
        await _database.RunAsync(made);

        var refusal = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.DeleteAsync(_database.World.Deletion(), Stop));

        Assert.Equal(StoreReason.OwnedByAnother, refusal.Reason);
        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
        Assert.Empty((await _provisioner.InspectAsync(Request, Stop)).Drifts);

        await _database.RunAsync(moved);
        await _provisioner.DeleteAsync(_database.World.Deletion(), Stop);
        Assert.Equal(1, await _database.AskAsync(kept));
        Assert.Equal(0L, await _database.AskAsync(
            $"SELECT count(*) FROM pg_namespace WHERE nspname = {SqlText.Literal(_database.World.Names.Schema)}"));
    }

    [Fact, Trait("Field", "F26")]
    public async Task Role_that_cannot_be_dropped_is_refused_with_its_dependents()
    {
        await _database.RunAsync(
            "CREATE TABLE public.users_table (id int); GRANT SELECT ON public.users_table TO {role}");

        var refusal = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.DeleteAsync(_database.World.Deletion(), Stop));

        Assert.Contains("privileges for table public.users_table", refusal.Message, StringComparison.Ordinal);
        Assert.Empty((await _provisioner.InspectAsync(Request, Stop)).Drifts);
    }
}
