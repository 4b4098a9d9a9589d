using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Tests.Provisioning;
using Aether.TestServers;

using NATS.Client.JetStream;
using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Tests.Surveying;

/// <summary>
/// A survey sees every kind of drift that an inspection of a single world sees. The cases are those of the
/// provisioners' tests.
/// </summary>
public sealed class StoreSurveyTests(Servers servers) : IAsyncLifetime
{
    private PostgresServer _postgres = null!;
    private RedisServer _redis = null!;
    private NatsServer _nats = null!;
    private Requests _world = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_postgres, _redis, _nats) =
            (await servers.PostgresAsync(), await servers.RedisAsync(), await servers.NatsAsync());
        _world = NewWorld();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Survey_of_an_unchanged_world_is_the_same_whatever_happens_to_others()
    {
        var stores = (IStoreProvisioner[])
            [StoreProvisioners.Postgres(), StoreProvisioners.Redis(), StoreProvisioners.Nats()];
        foreach (var store in stores)
        {
            await store.EnsureAsync(_world.Request(), Stop);
            var before = await SurveyAsync(store);

            await store.InspectAsync(_world.Request(), Stop);
            await store.EnsureAsync(NewWorld().Request(), Stop);

            Assert.Equal(before, await SurveyAsync(store));
            Assert.NotNull(before);
        }
    }

    [Theory]
    [MemberData(nameof(PostgresProvisionerTests.Drifts), MemberType = typeof(PostgresProvisionerTests))]
    [MemberData(nameof(PostgresProvisionerTests.Losses), MemberType = typeof(PostgresProvisionerTests))]
    public async Task Survey_of_PostgreSQL_sees_drift(string damage, string named)
    {
        var provisioner = StoreProvisioners.Postgres();
        await provisioner.EnsureAsync(_world.Request(), Stop);
        var before = await SurveyAsync(provisioner);

        await DamageAsync(damage);

        Assert.True(before != await SurveyAsync(provisioner), named);
    }

    [Theory]
    [InlineData("DROP SCHEMA {schema} CASCADE")]
    [InlineData("COMMENT ON SCHEMA {schema} IS 'other'")]
    [InlineData("COMMENT ON ROLE {role} IS NULL")]
    [InlineData("ALTER TABLE {schema}.world OWNER TO pg_read_all_data")]
    [InlineData("ALTER ROLE {role} SET search_path = public")]
    [InlineData("GRANT TEMPORARY ON DATABASE postgres TO {role}")]
    public async Task Survey_of_PostgreSQL_sees_other_changes_of_the_catalogue(string damage)
    {
        var provisioner = StoreProvisioners.Postgres();
        await provisioner.EnsureAsync(_world.Request(), Stop);
        var before = await SurveyAsync(provisioner);

        await DamageAsync(damage);

        Assert.NotEqual(before, await SurveyAsync(provisioner));
    }

    [Theory]
    [InlineData("DELETE FROM {schema}.schema_versions WHERE version > 202611300000")]
    [InlineData("INSERT INTO {schema}.diverged_tails "
        + "(volume_id, epoch, first_sequence, last_sequence, folder, overtaken_by, found_at) "
        + "VALUES (gen_random_uuid(), 1, 1, 2, 'f', 'p', now())")]
    public async Task Survey_of_PostgreSQL_sees_rows_that_an_inspection_reads(string change)
    {
        var provisioner = StoreProvisioners.Postgres();
        await provisioner.EnsureAsync(_world.Request(), Stop);
        var before = await SurveyAsync(provisioner);

        await DamageAsync(change);

        // PostgreSQL publishes the counts of a session when it ends.
        await Eventually.IsTrueAsync(async () => await SurveyAsync(provisioner) != before, Stop);
    }

    [Fact]
    public async Task Partitions_that_come_and_go_are_no_change()
    {
        var provisioner = StoreProvisioners.Postgres();
        await provisioner.EnsureAsync(_world.Request(), Stop);
        var before = await SurveyAsync(provisioner);

        await DamageAsync("SELECT {schema}.make_journal_partitions(5000000)");

        Assert.Equal(before, await SurveyAsync(provisioner));
    }

    [Theory]
    [MemberData(nameof(RedisProvisionerTests.Drifts), MemberType = typeof(RedisProvisionerTests))]
    public async Task Survey_of_Redis_sees_drift(string damage, string named)
    {
        var provisioner = StoreProvisioners.Redis();
        await provisioner.EnsureAsync(_world.Request(), Stop);
        var before = await SurveyAsync(provisioner);

        await using var admin = await StoreClients.ConnectAsync(_redis);
        var words = damage.Split(' ').Select(word => (object)word.Replace('\u00a0', ' ')
            .Replace("{user}", _world.Names.RedisUser, StringComparison.Ordinal)
            .Replace("{owner}", $"aether:owner:{{{_world.Names.Id}}}", StringComparison.Ordinal)).ToArray();
        await admin.GetDatabase().ExecuteAsync((string)words[0], words[1..]);

        Assert.True(before != await SurveyAsync(provisioner), named);
    }

    [Theory]
    [MemberData(nameof(NatsProvisionerTests.Drifts), MemberType = typeof(NatsProvisionerTests))]
    public async Task Survey_of_NATS_sees_drift(string drift)
    {
        var provisioner = StoreProvisioners.Nats();
        await provisioner.EnsureAsync(_world.Request(), Stop);
        var before = await SurveyAsync(provisioner);

        await using var connection = StoreClients.Connect(_nats);
        var streams = new NatsJSContext(connection);
        var config = (await streams.GetStreamAsync(_world.Names.EventStream, cancellationToken: Stop)).Info.Config;
        NatsProvisionerTests.Damage(config, drift);
        await streams.UpdateStreamAsync(config, Stop);

        Assert.NotEqual(before, await SurveyAsync(provisioner));
    }

    [Fact]
    public async Task Survey_of_NATS_ignores_traffic_and_sees_a_lost_stream()
    {
        var provisioner = StoreProvisioners.Nats();
        await provisioner.EnsureAsync(_world.Request(), Stop);
        var before = await SurveyAsync(provisioner);
        await using var connection = StoreClients.Connect(_nats);
        var streams = new NatsJSContext(connection);

        await streams.PublishAsync($"{_world.Names.SubjectPrefix}events.born", "x", cancellationToken: Stop);
        var after = await SurveyAsync(provisioner);
        await streams.DeleteStreamAsync(_world.Names.EventStream, Stop);

        Assert.Equal(before, after);
        Assert.NotEqual(before, await SurveyAsync(provisioner));
    }

    private async Task<string?> SurveyAsync(IStoreProvisioner provisioner)
    {
        var request = _world.Request();
        var facts = await provisioner.SurveyAsync(
            request.Backend, [new SurveyedWorld(_world.Names, request.Profile)], Stop);
        return facts.GetValueOrDefault(_world.Names.Id);
    }

    private async Task DamageAsync(string sql)
    {
        await using var admin = NpgsqlDataSource.Create(_postgres.AdminConnectionString + ";Pooling=false");
        await admin.CreateCommand(sql
            .Replace("{schema}", Identifier(_world.Names.Schema), StringComparison.Ordinal)
            .Replace("{role}", Identifier(_world.Names.Role), StringComparison.Ordinal)
            .Replace("{mark}", Literal(OwnerMark.Of(_world.Request().Owner).ToString()), StringComparison.Ordinal))
            .ExecuteNonQueryAsync(Stop);
    }

    private Requests NewWorld() => new()
    {
        Postgres = new PostgresAccess
        {
            Host = _postgres.Host,
            Port = _postgres.Port,
            Database = _postgres.Database,
            SslMode = PostgresSslMode.Disable,
            Username = _postgres.AdminUsername,
            Password = _postgres.AdminPassword,
        },
        Redis = new RedisAccess
        {
            Endpoint = _redis.Endpoint,
            Tls = false,
            Username = _redis.AdminUsername,
            Password = _redis.AdminPassword,
        },
        Nats = new NatsAccess
        {
            Urls = [_nats.Url],
            Username = _nats.AdminUsername,
            Password = _nats.AdminPassword,
            CredentialsFile = null,
            SigningSeed = null,
            AccountPublicKey = null,
        },
    };
}
