using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;

namespace Aether.Operator.Tests.Provisioning.Postgres;

public sealed class DatabaseSettingsTests(Servers servers) : IAsyncLifetime
{
    private const string Functions = """
        SELECT string_agg(p.oid::text, ' ' ORDER BY p.oid) FROM pg_proc p
        WHERE p.pronamespace = '{schema}'::regnamespace
        """;

    private readonly PostgresProvisioner _provisioner = StoreProvisioners.Postgres();
    private TestDatabase _database = null!;

    private ProvisioningRequest Request => _database.World.Request();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(servers);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact, Trait("Field", "F22")]
    public async Task Settings_of_the_database_change_nothing_for_the_operator()
    {
        await _database.RunAsync("""
            ALTER DATABASE {database} SET quote_all_identifiers = on;
            ALTER DATABASE {database} SET DateStyle = 'SQL, DMY';
            ALTER DATABASE {database} SET bytea_output = 'escape';
            ALTER DATABASE {database} SET search_path = nowhere;
            ALTER DATABASE {database} SET standard_conforming_strings = off;
            ALTER DATABASE {database} SET default_transaction_read_only = on;
            ALTER DATABASE {database} SET default_transaction_isolation = 'serializable';
            ALTER ROLE {admin} SET statement_timeout = '10min';
            ALTER ROLE {admin} SET lock_timeout = '10min'
            """);

        await _provisioner.EnsureAsync(Request, Stop);
        var functions = await _database.AskAsync(Functions);
        var found = await _provisioner.InspectAsync(Request, Stop);
        await _provisioner.EnsureAsync(Request, Stop);

        Assert.Empty(found.Drifts);
        Assert.Equal(functions, await _database.AskAsync(Functions));
        await using var data = PostgresAdmin.Open(_database.World.Postgres);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["quote_all_identifiers"] = "off",
            ["search_path"] = "pg_catalog, pg_temp",
            ["DateStyle"] = "ISO, YMD",
            ["bytea_output"] = "hex",
            ["standard_conforming_strings"] = "on",
            ["default_transaction_read_only"] = "off",
            ["default_transaction_isolation"] = "read committed",
            ["statement_timeout"] = "0",
            ["lock_timeout"] = "0",
        })
            Assert.Equal(value, await data.CreateCommand($"SHOW {name}").ExecuteScalarAsync(Stop));
    }

    [Fact, Trait("Field", "F22")]
    public async Task Functions_created_with_quoted_identifiers_are_kept_and_granted()
    {
        await _provisioner.EnsureAsync(Request, Stop);
        await _database.RunAsync("""
            SET quote_all_identifiers = on;
            ALTER FUNCTION {schema}.make_journal_partitions SET search_path = pg_catalog, pg_temp;
            ALTER ROLE {role} SET search_path = {schema};
            REVOKE EXECUTE ON FUNCTION {schema}.make_journal_partitions FROM {role}
            """);
        var functions = await _database.AskAsync(Functions);

        var found = await _provisioner.InspectAsync(Request, Stop);
        await _provisioner.EnsureAsync(Request, Stop);

        Assert.Contains("EXECUTE on function", Assert.Single(found.Drifts).What, StringComparison.Ordinal);
        Assert.Empty((await _provisioner.InspectAsync(Request, Stop)).Drifts);
        Assert.Equal(functions, await _database.AskAsync(Functions));
    }

    [Theory, Trait("Field", "F22")]
    [InlineData("search_path=pg_catalog, pg_temp", "search_path=\"pg_catalog\", \"pg_temp\"", true)]
    [InlineData("search_path=pg_catalog, pg_temp", "search_path=PG_Catalog,pg_temp", true)]
    [InlineData("search_path=pg_catalog, pg_temp", "search_path=pg_temp, pg_catalog", false)]
    [InlineData("search_path=pg_catalog, pg_temp", "search_path=\"pg_catalog, pg_temp\"", false)]
    [InlineData("search_path=pg_catalog", "search_path=\"PG_catalog\"", false)]
    [InlineData("lock_timeout=200", "lock_timeout=200", true)]
    [InlineData("lock_timeout=200", "lock_timeout=100", false)]
    public void Settings_are_compared_by_meaning(string one, string other, bool same) =>
        Assert.Equal(same, SettingText.AreSame([one], [other]));
}
