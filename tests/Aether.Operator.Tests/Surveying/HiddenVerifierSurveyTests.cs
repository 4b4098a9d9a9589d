using Aether.Operator.Provisioning.Postgres;
using Aether.Operator.Tests.Provisioning.Postgres;
using Aether.TestServers;

namespace Aether.Operator.Tests.Surveying;

/// <summary>
/// Surveys by administrators without superuser rights, which cannot see passwords' verifiers. On a server of its own,
/// since roles are the server's.
/// </summary>
public sealed class HiddenVerifierSurveyTests : IAsyncLifetime
{
    private readonly PostgresServer _server = new();
    private TestDatabase _database = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(Stop);
        _database = await TestDatabase.CreateAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("ALTER ROLE {role} PASSWORD 'guessed'")]
    [InlineData("ALTER ROLE {role} PASSWORD NULL")]
    public async Task Survey_sees_another_password(string change)
    {
        var before = await MadeAsync();

        await _database.RunAsync(change);
        var after = await SurveyAsync();

        Assert.NotEqual(before, after);
    }

    [Fact]
    public async Task Survey_is_the_same_while_no_role_of_the_server_changes()
    {
        var before = await MadeAsync();

        await UseAsync(provisioner => provisioner.InspectAsync(_database.World.Request(), Stop));
        await _database.RunAsync("GRANT pg_monitor TO {admin}; CREATE TABLE public.of_a_user (id int)");

        Assert.Equal(before, await SurveyAsync());
    }

    [Fact]
    public async Task Any_changed_role_concerns_every_world()
    {
        var before = await MadeAsync();

        await _database.RunAsync("CREATE ROLE somebody");

        Assert.NotEqual(before, await SurveyAsync());
    }

    [Fact]
    public async Task Administrator_that_may_read_verifiers_sees_only_the_worlds_own()
    {
        await _database.RunAsync("GRANT SELECT ON pg_authid TO {admin}");
        var before = await MadeAsync();

        await _database.RunAsync("CREATE ROLE somebody");
        var undisturbed = await SurveyAsync();
        await _database.RunAsync("ALTER ROLE {role} PASSWORD 'guessed'");

        Assert.Equal(before, undisturbed);
        Assert.NotEqual(before, await SurveyAsync());
    }

    private async Task<string?> MadeAsync()
    {
        await UseAsync(async provisioner =>
        {
            await provisioner.EnsureAsync(_database.World.Request(), Stop);
            return true;
        });
        var made = await SurveyAsync();
        Assert.NotNull(made);
        return made;
    }

    // PostgreSQL publishes a session's counts up to seconds later, or when the session ends.
    private async Task<string?> SurveyAsync()
    {
        await Eventually.IsTrueAsync(
            async () => await _database.AskAsync(
                "SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'client backend'") is true,
            Stop);
        return await UseAsync(provisioner => provisioner.SurveyAsync(_database.World));
    }

    private static async Task<T> UseAsync<T>(Func<PostgresProvisioner, Task<T>> use)
    {
        await using var connections = new PostgresConnections(TimeProvider.System);
        return await use(StoreProvisioners.Postgres(connections));
    }
}
