using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Provisioning.Postgres;
using Aether.Operator.Provisioning.Redis;
using Aether.TestServers;
using Npgsql;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>
/// Reconciles share their connections to real servers, and notice when a server restarts or is demoted.
/// </summary>
public sealed class ConnectionReuseTests(Servers servers) : IAsyncLifetime
{
    private const int Worlds = 20;

    private readonly PostgresConnections _postgres = new(TimeProvider.System);
    private readonly RedisConnections _redis = new(TimeProvider.System);
    private readonly NatsConnections _nats = new(TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        await _redis.DisposeAsync();
        await _nats.DisposeAsync();
    }

    [Fact]
    public async Task Inspections_of_many_worlds_log_in_to_PostgreSQL_at_most_as_often_as_its_pool_is_large()
    {
        var server = await servers.PostgresAsync();
        var user = $"admin_{Guid.NewGuid():N}";
        await using var admin = NpgsqlDataSource.Create(server.AdminConnectionString);
        await admin.CreateCommand($"CREATE ROLE {user} LOGIN SUPERUSER PASSWORD 'right'").ExecuteNonQueryAsync(Stop);
        var access = Access(server, user, "right");
        var provisioner = StoreProvisioners.Postgres(_postgres);
        var worlds = Enumerable.Range(0, Worlds).Select(_ => new Requests { Postgres = access }.Request()).ToList();

        await Task.WhenAll(worlds.Select(world => provisioner.InspectAsync(world, Stop)));
        var busy = await SessionsAsync(admin, user);
        foreach (var world in worlds)
            await provisioner.InspectAsync(world, Stop);

        Assert.InRange(busy.Count, 1, PostgresAdmin.MostSessions);
        Assert.Equal(busy, await SessionsAsync(admin, user));
    }

    [Fact]
    public async Task PostgreSQL_that_restarts_between_two_reconciles_fails_none()
    {
        await using var server = new PostgresServer();
        await server.StartAsync(Stop);
        var provisioner = StoreProvisioners.Postgres(_postgres);
        var world = new Requests { Postgres = Access(server, server.AdminUsername, server.AdminPassword) };
        await provisioner.EnsureAsync(world.Request(), Stop);

        await server.StopAsync();
        await server.StartAsync(Stop);

        Assert.Empty((await provisioner.InspectAsync(world.Request(), Stop)).Drifts);
        await server.StopAsync();
        var failure = await Assert.ThrowsAsync<ProvisioningException>(
            () => provisioner.InspectAsync(world.Request(), Stop));
        Assert.Equal(StoreReason.Unreachable, failure.Reason);
        await server.StartAsync(Stop);
        Assert.Empty((await provisioner.InspectAsync(world.Request(), Stop)).Drifts);
    }

    [Fact]
    public async Task Sessions_of_a_demoted_PostgreSQL_are_replaced_at_the_first_refused_write()
    {
        var server = await servers.PostgresAsync();
        var access = Access(server, server.AdminUsername, server.AdminPassword);
        var sessions = new List<int>();

        var answer = await UseAsync(async data =>
        {
            await using var connection = await data.OpenConnectionAsync(Stop);
            return connection.ProcessID;
        });
        var repeated = await UseAsync(async data =>
        {
            await using var connection = await data.OpenConnectionAsync(Stop);
            sessions.Add(connection.ProcessID);
            if (connection.ProcessID == answer)
                await new NpgsqlCommand("BEGIN READ ONLY; CREATE ROLE refused; COMMIT", connection)
                    .ExecuteNonQueryAsync(Stop);
            return connection.ProcessID;
        });

        Assert.Equal([answer, repeated], sessions);
        Assert.NotEqual(answer, repeated);

        Task<int> UseAsync(Func<NpgsqlDataSource, Task<int>> use) => _postgres.UseAsync(access, use);
    }

    [Fact]
    public async Task Redis_that_restarts_between_two_reconciles_fails_none()
    {
        await using var server = new RedisServer();
        await server.StartAsync(Stop);
        var provisioner = StoreProvisioners.Redis(_redis);
        var world = new Requests
        {
            Redis = new RedisAccess
            {
                Endpoint = server.Endpoint,
                Tls = false,
                Username = server.AdminUsername,
                Password = server.AdminPassword,
            },
        };
        await provisioner.EnsureAsync(world.Request(), Stop);

        await server.StopAsync();
        await server.StartAsync(Stop);

        await provisioner.InspectAsync(world.Request(), Stop);
        Assert.Equal(1, _redis.Count);
        await server.StopAsync();
        var failure = await Assert.ThrowsAsync<ProvisioningException>(
            () => provisioner.InspectAsync(world.Request(), Stop));
        Assert.Equal(StoreReason.Unreachable, failure.Reason);
    }

    [Fact]
    public async Task NATS_that_restarts_between_two_reconciles_fails_none()
    {
        await using var server = new NatsServer();
        await server.StartAsync(Stop);
        var provisioner = StoreProvisioners.Nats(_nats);
        var world = new Requests
        {
            Nats = new NatsAccess
            {
                Urls = [server.Url],
                Username = server.AdminUsername,
                Password = server.AdminPassword,
                CredentialsFile = null,
                SigningSeed = null,
                AccountPublicKey = null,
            },
        };
        await provisioner.EnsureAsync(world.Request(), Stop);

        await server.StopAsync();
        await server.StartAsync(Stop);

        Assert.Empty((await provisioner.InspectAsync(world.Request(), Stop)).Drifts);
        Assert.Equal(1, _nats.Count);
        await server.StopAsync();
        var failure = await Assert.ThrowsAsync<ProvisioningException>(
            () => provisioner.InspectAsync(world.Request(), Stop));
        Assert.Equal(StoreReason.Unreachable, failure.Reason);
    }

    [Fact]
    public async Task Changed_credentials_get_a_connection_of_their_own()
    {
        var server = await servers.PostgresAsync();
        var user = $"admin_{Guid.NewGuid():N}";
        await using var admin = NpgsqlDataSource.Create(server.AdminConnectionString);
        await admin.CreateCommand($"CREATE ROLE {user} LOGIN SUPERUSER PASSWORD 'right'").ExecuteNonQueryAsync(Stop);
        var provisioner = StoreProvisioners.Postgres(_postgres);
        var world = new Requests { Postgres = Access(server, user, "right") };
        await provisioner.InspectAsync(world.Request(), Stop);

        await admin.CreateCommand($"ALTER ROLE {user} PASSWORD 'changed'").ExecuteNonQueryAsync(Stop);
        await provisioner.InspectAsync(world.Request(postgres: Access(server, user, "changed")), Stop);

        Assert.Equal(2, _postgres.Count);
        var wrong = await Assert.ThrowsAsync<ProvisioningException>(
            () => provisioner.InspectAsync(world.Request(postgres: Access(server, user, "wrong")), Stop));
        Assert.Equal(StoreReason.AuthenticationFailed, wrong.Reason);
        Assert.Equal(2, _postgres.Count);
    }

    private static PostgresAccess Access(PostgresServer server, string user, string password) => new()
    {
        Host = server.Host,
        Port = server.Port,
        Database = server.Database,
        SslMode = PostgresSslMode.Disable,
        Username = user,
        Password = password,
    };

    private static async Task<IReadOnlyList<int>> SessionsAsync(NpgsqlDataSource admin, string user)
    {
        await using var command = admin.CreateCommand(
            $"SELECT pid FROM pg_stat_activity WHERE usename = '{user}' ORDER BY pid");
        await using var rows = await command.ExecuteReaderAsync(Stop);
        var sessions = new List<int>();
        while (await rows.ReadAsync(Stop))
            sessions.Add(rows.GetInt32(0));
        return sessions;
    }
}
