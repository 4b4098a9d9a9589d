using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;

namespace Aether.Persistence.Stores.Tests.Rotation;

/// <summary>A world switches to other credentials of its Redis user while it is in use.</summary>
[Trait("Field", "F05")]
public sealed class RedisRotationTests(ServerSet servers) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private RedisConnectionOptions _options = null!;
    private RedisWorld _world = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _options = await RedisWorlds.CreateAsync(servers.Redis, servers.NewName()) with
        {
            ConnectTimeout = Outages.Impatience,
        };
        _world = new RedisWorld(_options, TimeProvider.System);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_new_password_is_used_for_the_next_login()
    {
        await CheckAsync();
        var next = _options with { Password = Secrets.NewPassword() };

        await SetPasswordAsync(next.Password);
        await _world.UseAsync(next, Cancellation);
        await EndConnectionsAsync();

        await CheckUntilHealthyAsync();
    }

    [Fact]
    public async Task The_connection_keeps_working_while_the_new_password_is_refused()
    {
        await CheckAsync();

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _world.UseAsync(_options with { Password = "not the password" }, Cancellation));

        Assert.Contains("password", refusal.Message, StringComparison.Ordinal);
        await CheckAsync();
    }

    [Fact]
    public async Task Connections_use_whichever_of_two_passwords_the_server_accepts()
    {
        var next = Secrets.NewPassword();
        await _world.UseAsync(_options with { NextPassword = next }, Cancellation);
        await CheckAsync();

        await SetPasswordAsync(next);
        await EndConnectionsAsync();
        await CheckUntilHealthyAsync();
        await SetPasswordAsync(_options.Password!);
        await EndConnectionsAsync();

        await CheckUntilHealthyAsync();
    }

    [Fact]
    public async Task Commands_under_way_succeed_while_connections_are_replaced()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var uses = Task.Run(
            async () =>
            {
                for (; !over.IsCancellationRequested; underWay.TrySetResult())
                    await CheckAsync();
            },
            Cancellation);

        await Task.WhenAny(underWay.Task, uses);
        for (var i = 0; i < 5; i++)
            await _world.UseAsync(_options with { CommandTimeout = TimeSpan.FromSeconds(10 + i) }, Cancellation);
        await over.CancelAsync();

        await uses;
    }

    private async Task SetPasswordAsync(string password)
    {
        await using var admin = await RedisWorlds.AdminAsync(servers.Redis);
        await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", _options.Username!, "resetpass", ">" + password);
    }

    private async Task EndConnectionsAsync()
    {
        await using var admin = await RedisWorlds.AdminAsync(servers.Redis);
        await admin.GetDatabase().ExecuteAsync("CLIENT", "KILL", "USER", _options.Username!);
    }

    private async Task CheckAsync()
    {
        var status = await new RedisHealth(_world).CheckAsync(CancellationToken.None);
        Assert.True(status.Healthy, status.Message);
    }

    private async Task CheckUntilHealthyAsync()
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!(await new RedisHealth(_world).CheckAsync(patience.Token)).Healthy)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
    }
}
