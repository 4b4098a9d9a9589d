using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StackExchange.Redis;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>Counts the failed logins that real servers record while many worlds use refused credentials.</summary>
public sealed class RefusedCredentialsTests(Servers servers) : IAsyncDisposable
{
    private const int Worlds = 42;
    private const int Workers = 8;

    private readonly string _user = $"admin_{Guid.NewGuid():N}";
    private readonly StoreCircuits _circuits =
        new(new OperatorOptions(), TimeProvider.System, NullLogger<StoreCircuits>.Instance);
    private readonly StorePace _pace = new(new OperatorOptions());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact, Trait("Field", "F27")]
    public async Task PostgreSQL_sees_one_failed_login_for_all_worlds_until_the_Secret_changes()
    {
        var server = await servers.PostgresAsync();
        await using var admin = NpgsqlDataSource.Create(server.AdminConnectionString);
        await admin.CreateCommand($"CREATE ROLE {_user} LOGIN CREATEROLE PASSWORD 'right'").ExecuteNonQueryAsync(Stop);
        await admin.CreateCommand($"GRANT CREATE ON DATABASE {server.Database} TO {_user}").ExecuteNonQueryAsync(Stop);
        var provisioner = Guard(StoreProvisioners.Postgres());

        var failures = await InspectAllAsync(provisioner, () => new Requests { Postgres = Access("wrong") });

        Assert.Equal(1, await FailedLoginsAsync());
        Assert.All(failures, failure => Assert.Contains("four times in 15 minutes", failure, StringComparison.Ordinal));
        await provisioner.InspectAsync(new Requests { Postgres = Access("right") }.Request(), Stop);

        // Open sessions outlive a changed password; whatever ends them makes the operator log in again.
        await admin.CreateCommand($"ALTER ROLE {_user} PASSWORD 'changed'").ExecuteNonQueryAsync(Stop);
        await admin.CreateCommand($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{_user}'")
            .ExecuteNonQueryAsync(Stop);
        await RefusedAsync(provisioner, new Requests { Postgres = Access("right") });
        await InspectAllAsync(provisioner, () => new Requests { Postgres = Access("right") });
        Assert.Equal(2, await FailedLoginsAsync());

        PostgresAccess Access(string password) => new()
        {
            Host = server.Host,
            Port = server.Port,
            Database = server.Database,
            SslMode = PostgresSslMode.Disable,
            Username = _user,
            Password = password,
        };

        async Task<int> FailedLoginsAsync() => Count(
            await ServerLogs.ReadAsync(server, Stop), $"authentication failed for user \"{_user}\"");
    }

    [Fact, Trait("Field", "F27")]
    public async Task Redis_sees_one_refused_connection_for_all_worlds_until_the_Secret_changes()
    {
        var server = await servers.RedisAsync();
        await using var admin = await StoreClients.ConnectAsync(server);
        await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", _user, "on", ">right", "~*", "&*", "+@all");
        var provisioner = Guard(StoreProvisioners.Redis());

        await InspectAllAsync(provisioner, () => new Requests { Redis = Access("wrong") });

        var refused = await FailedLoginsAsync();
        // One attempt of the client opens two connections, for commands and for messages.
        Assert.InRange(refused, 1, 2);
        await provisioner.InspectAsync(new Requests { Redis = Access("right") }.Request(), Stop);

        RedisAccess Access(string password) =>
            new() { Endpoint = server.Endpoint, Tls = false, Username = _user, Password = password };

        async Task<long> FailedLoginsAsync()
        {
            var entries = (RedisResult[])(await admin.GetDatabase().ExecuteAsync("ACL", "LOG", "128"))!;
            return entries.Select(entry => entry.ToDictionary())
                .Where(entry => (string?)entry["reason"] == "auth" && (string?)entry["username"] == _user)
                .Sum(entry => (long)entry["count"]);
        }
    }

    [Fact, Trait("Field", "F27")]
    public async Task NATS_sees_one_failed_login_for_all_worlds_until_the_Secret_changes()
    {
        // A server of its own: the log does not name the refused user.
        await using var server = new NatsServer();
        await server.StartAsync(Stop);
        var provisioner = Guard(StoreProvisioners.Nats());

        await InspectAllAsync(provisioner, () => new Requests { Nats = Access(_user, "wrong") });

        await provisioner.InspectAsync(
            new Requests { Nats = Access(server.AdminUsername, server.AdminPassword) }.Request(), Stop);
        Assert.Equal(1, Count(await ServerLogs.StopAndReadAsync(server, Stop), "authentication error"));

        NatsAccess Access(string user, string password) => new()
        {
            Urls = [server.Url],
            Username = user,
            Password = password,
            CredentialsFile = null,
            SigningSeed = null,
            AccountPublicKey = null,
        };
    }

    public ValueTask DisposeAsync() => _pace.DisposeAsync();

    private GuardedProvisioner Guard(IStoreProvisioner provisioner) => new(provisioner, _circuits, _pace);

    // Twice, as the operator retries each world.
    private static async Task<IReadOnlyList<string>> InspectAllAsync(
        IStoreProvisioner provisioner, Func<Requests> next)
    {
        var failures = new List<string>();
        var worlds = Enumerable.Range(0, Worlds).Select(_ => next()).ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = Stop };
        await Parallel.ForEachAsync([.. worlds, .. worlds], options, async (world, _) =>
        {
            var message = await RefusedAsync(provisioner, world);
            lock (failures)
                failures.Add(message);
        });
        return failures;
    }

    private static async Task<string> RefusedAsync(IStoreProvisioner provisioner, Requests world)
    {
        var failure = await Assert.ThrowsAsync<ProvisioningException>(
            () => provisioner.InspectAsync(world.Request(), Stop));
        Assert.Equal(StoreReason.AuthenticationFailed, failure.Reason);
        return failure.Message;
    }

    private static int Count(IEnumerable<string> lines, string text) =>
        lines.Count(line => line.Contains(text, StringComparison.Ordinal));
}
