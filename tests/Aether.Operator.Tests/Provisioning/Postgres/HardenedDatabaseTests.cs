using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;

namespace Aether.Operator.Tests.Provisioning.Postgres;

public sealed class HardenedDatabaseTests(Servers servers) : IAsyncLifetime
{
    private readonly PostgresProvisioner _provisioner = StoreProvisioners.Postgres();
    private TestDatabase _database = null!;

    private ProvisioningRequest Request => _database.World.Request();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(servers);
        await _database.RunAsync("""
            REVOKE ALL ON DATABASE {database} FROM PUBLIC;
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            GRANT CONNECT ON DATABASE {database} TO {admin}
            """);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact, Trait("Field", "F07")]
    public async Task Grant_without_effect_is_reported_with_the_missing_right_and_a_remedy()
    {
        var remedy = $"GRANT CONNECT ON DATABASE \"{_database.Name}\" TO \"{_database.Admin}\" WITH GRANT OPTION;";

        var found = await DeniedAsync(() => _provisioner.CheckAsync(Request.Backend, Stop));
        var denied = await DeniedAsync(() => _provisioner.EnsureAsync(Request, Stop));

        Assert.Contains(remedy, found, StringComparison.Ordinal);
        Assert.Contains(remedy, denied, StringComparison.Ordinal);
        Assert.Contains("no privileges were granted", denied, StringComparison.Ordinal);
        await _database.RunAsync(remedy);
        await _provisioner.CheckAsync(Request.Backend, Stop);
        await IsRepairedAsync();
    }

    [Theory, Trait("Field", "F07")]
    [InlineData("ALTER SCHEMA {schema} OWNER TO {role}", "owned by the world's role")]
    [InlineData("ALTER TABLE {schema}.world OWNER TO {role}", "owned by the world's role")]
    [InlineData("ALTER FUNCTION {schema}.drop_journal_partitions OWNER TO {role}", "owned by the world's role")]
    [InlineData("ALTER ROLE {role} PASSWORD 'guessed' CONNECTION LIMIT 1", "another password")]
    [InlineData("SET ROLE {admin}; REVOKE CONNECT ON DATABASE {database} FROM {role}", "CONNECT on database")]
    public async Task Administrator_without_superuser_rights_repairs_excess_rights_of_the_worlds_role(
        string damage, string named)
    {
        await _database.RunAsync("GRANT CONNECT ON DATABASE {database} TO {admin} WITH GRANT OPTION");
        await _provisioner.EnsureAsync(Request, Stop);
        await _database.RunAsync(damage);

        var found = await _provisioner.InspectAsync(Request, Stop);

        Assert.Contains(found.Drifts, drift => drift.What.Contains(named, StringComparison.Ordinal));
        await IsRepairedAsync();
        Assert.Equal(0L, await _database.AskAsync("""
            SELECT count(*) FROM pg_auth_members
            WHERE roleid = '{role}'::regrole AND member = '{admin}'::regrole AND NOT admin_option
            """));
    }

    [Fact, Trait("Field", "F07")]
    public async Task Grants_that_only_another_role_can_revoke_are_named_and_all_others_are_repaired()
    {
        await _database.RunAsync("GRANT CONNECT ON DATABASE {database} TO {admin} WITH GRANT OPTION");
        await _provisioner.EnsureAsync(Request, Stop);
        await _database.RunAsync("GRANT USAGE ON SCHEMA public TO {role}; REVOKE INSERT ON {schema}.world FROM {role}");

        var denied = await DeniedAsync(() => _provisioner.EnsureAsync(Request, Stop));

        Assert.Contains("has rights on schema \"public\"", denied, StringComparison.Ordinal);
        Assert.Contains($"REVOKE ALL ON SCHEMA \"public\" FROM {_database.Role};", denied, StringComparison.Ordinal);
        Assert.DoesNotContain("INSERT", denied, StringComparison.Ordinal);
        await _database.RunAsync("REVOKE ALL ON SCHEMA public FROM {role}");
        Assert.Empty((await _provisioner.InspectAsync(Request, Stop)).Drifts);
    }

    [Fact, Trait("Field", "F15")]
    public async Task Second_administrator_needs_only_the_named_membership()
    {
        await _database.RunAsync("GRANT CONNECT ON DATABASE {database} TO {admin} WITH GRANT OPTION");
        await _provisioner.EnsureAsync(Request, Stop);
        var renamed = $"renamed_{Guid.NewGuid():N}";
        await _database.AddAdminAsync(renamed);
        await _database.RunAsync($"GRANT CONNECT ON DATABASE {_database.Name} TO {renamed} WITH GRANT OPTION");
        var access = _database.Access(renamed);
        var remedy = $"GRANT \"{_database.Admin}\" TO \"{renamed}\"";

        Assert.Contains(remedy, await DeniedAsync(() => _provisioner.InspectAsync(As(access), Stop)),
            StringComparison.Ordinal);
        Assert.Contains(remedy, await DeniedAsync(() => _provisioner.EnsureAsync(As(access), Stop)),
            StringComparison.Ordinal);
        Assert.Contains(remedy, await DeniedAsync(() => _provisioner.DeleteAsync(Deletion(access), Stop)),
            StringComparison.Ordinal);

        await _database.RunAsync(remedy);
        Assert.Empty((await _provisioner.InspectAsync(As(access), Stop)).Drifts);
        await _database.RunAsync("""
            REVOKE INSERT ON {schema}.world FROM {role}; DROP FUNCTION {schema}.drop_journal_partitions;
            ALTER ROLE {role} PASSWORD 'guessed'
            """);
        await _provisioner.EnsureAsync(As(access), Stop);
        Assert.Empty((await _provisioner.InspectAsync(As(access), Stop)).Drifts);
        await IsRepairedAsync();
        await _provisioner.DeleteAsync(Deletion(access), Stop);
        Assert.Equal(0L, await _database.AskAsync(
            $"SELECT count(*) FROM pg_namespace WHERE nspname = {SqlText.Literal(_database.World.Names.Schema)}"));
    }

    private ProvisioningRequest As(PostgresAccess access) => _database.World.Request(postgres: access);

    private DeletionRequest Deletion(PostgresAccess access) => _database.World.Deletion(postgres: access);

    private async Task IsRepairedAsync()
    {
        await _provisioner.EnsureAsync(Request, Stop);
        Assert.Empty((await _provisioner.InspectAsync(Request, Stop)).Drifts);
        await using var agent = _database.OpenAgent();
        await agent.CreateCommand("INSERT INTO epochs SELECT 1, 'me', gen_random_uuid(), now()")
            .ExecuteNonQueryAsync(Stop);
        await agent.CreateCommand("SELECT make_journal_partitions(1), drop_journal_partitions(0, 0)")
            .ExecuteNonQueryAsync(Stop);
        await _database.RunAsync("DELETE FROM {schema}.epochs");
    }

    private static async Task<string> DeniedAsync(Func<Task> use)
    {
        var denied = await Assert.ThrowsAsync<ProvisioningException>(use);
        Assert.Equal(StoreReason.PermissionDenied, denied.Reason);
        return denied.Message;
    }
}
