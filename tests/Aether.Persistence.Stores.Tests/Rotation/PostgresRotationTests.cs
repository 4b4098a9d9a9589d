using Aether.Persistence.Lease;
using Aether.Persistence.Migrations;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Aether.Persistence.Stores.Tests.Rotation;

/// <summary>A world switches to other credentials and another address of its database while it is in use.</summary>
[Trait("Field", "F05")]
public sealed class PostgresRotationTests(ServerSet servers) : IAsyncLifetime
{
    private PostgresConnectionOptions _options = null!;
    private PostgresWorld _world = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _options = await PostgresWorlds.CreateAsync(servers);
        _world = new PostgresWorld(_options);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_new_password_is_used_for_the_next_login()
    {
        await CheckAsync();
        var next = _options with { Password = Secrets.NewPassword() };

        await SetPasswordAsync(next.Password);
        await _world.UseAsync(next, Cancellation);
        await EndSessionsAsync();

        Assert.True(await IsHealthyAfterLoginAsync());
    }

    [Fact]
    public async Task Sessions_keep_working_while_the_new_password_is_refused()
    {
        await CheckAsync();

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _world.UseAsync(_options with { Password = "not the password" }, Cancellation));

        Assert.Contains("28P01", refusal.Message, StringComparison.Ordinal);
        await CheckAsync();
        Assert.Equal(_options, _world.Options);
    }

    [Fact]
    public async Task Sessions_use_whichever_of_two_passwords_the_server_accepts()
    {
        var next = Secrets.NewPassword();
        await _world.UseAsync(_options with { NextPassword = next }, Cancellation);
        await CheckAsync();

        await SetPasswordAsync(next);
        await EndSessionsAsync();
        var isHealthyWithNext = await IsHealthyAfterLoginAsync();
        await SetPasswordAsync(_options.Password);
        await EndSessionsAsync();

        Assert.True(isHealthyWithNext);
        Assert.True(await IsHealthyAfterLoginAsync());
    }

    [Fact]
    public async Task An_operation_in_progress_finishes_on_its_own_session()
    {
        var next = _options with { Password = Secrets.NewPassword() };
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var operation = _world.RunAsync(
            async connection =>
            {
                var before = connection.ProcessID;
                begun.SetResult();
                await goOn.Task;
                await using var command = new NpgsqlCommand("SELECT pg_backend_pid()", connection);
                return (before, (int)(await command.ExecuteScalarAsync(Cancellation))!);
            },
            Cancellation);
        await begun.Task;

        await SetPasswordAsync(next.Password);
        await _world.UseAsync(next, Cancellation);
        goOn.SetResult();
        var (before, after) = await operation;

        Assert.Equal(before, after);
    }

    [Fact]
    public async Task A_new_address_is_used_once_the_world_is_found_there()
    {
        await OpenAsync();
        await using var proxy = new CuttingProxy(servers.Postgres.Port);

        await _world.UseAsync(_options with { Port = proxy.Port }, Cancellation);
        await CheckAsync();
        proxy.Cut();

        var unreachable = await new PostgresHealth(_world).CheckAsync(Cancellation);
        Assert.False(unreachable.Healthy);
    }

    [Fact]
    public async Task A_database_that_does_not_know_this_writer_is_not_used()
    {
        await OpenAsync();
        var database = servers.NewName();
        await servers.ExecuteAsync($"CREATE DATABASE {database}");
        await CreateSchemaInAsync(database);

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _world.UseAsync(_options with { Database = database }, Cancellation));

        Assert.Contains("does not know that this agent opened the world", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"'{database}'", refusal.Message, StringComparison.Ordinal);
        await new PostgresWorldLease(_world).ConfirmAsync(_world.Opening!.Epoch, Cancellation);
    }

    [Fact]
    public async Task Changed_schema_asks_for_a_restart()
    {
        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _world.UseAsync(_options with { Schema = "other" }, Cancellation));

        Assert.Contains("Restart the pod", refusal.Message, StringComparison.Ordinal);
    }

    private async Task OpenAsync()
    {
        var attempt = await new PostgresWorldLease(_world).TryAcquireAsync(
            new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(1)), Cancellation);
        Assert.True(attempt.Acquired);
    }

    private async Task CreateSchemaInAsync(string database)
    {
        await using var admin = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(servers.Postgres.AdminConnectionString) { Database = database }
                .ConnectionString);
        var (schema, role) = (ServerSet.Quote(_options.Schema), ServerSet.Quote(_options.Username));
        await using (var create = admin.CreateCommand($"CREATE SCHEMA {schema}"))
            await create.ExecuteNonQueryAsync(Cancellation);
        await new WorldSchemaMigrator(admin, NullLoggerFactory.Instance)
            .MigrateUpAsync(_options.Schema, Cancellation);
        await using var grant = admin.CreateCommand(
            $"GRANT USAGE ON SCHEMA {schema} TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}");
        await grant.ExecuteNonQueryAsync(Cancellation);
    }

    private Task SetPasswordAsync(string password) =>
        servers.ExecuteAsync($"ALTER ROLE {ServerSet.Quote(_options.Username)} PASSWORD '{password}'");

    private Task EndSessionsAsync() => servers.ExecuteAsync(
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{_options.Username}'");

    private async Task CheckAsync()
    {
        var status = await new PostgresHealth(_world).CheckAsync(Cancellation);
        Assert.True(status.Healthy, status.Message);
    }

    // The first use meets the closed session, the second logs in.
    private async Task<bool> IsHealthyAfterLoginAsync()
    {
        await new PostgresHealth(_world).CheckAsync(Cancellation);
        return (await new PostgresHealth(_world).CheckAsync(Cancellation)).Healthy;
    }
}
