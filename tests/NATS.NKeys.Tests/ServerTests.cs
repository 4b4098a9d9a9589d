using Aether.TestServers;
using NATS.Client.Core;

namespace NATS.NKeys.Tests;

public sealed class ServerTests : IAsyncLifetime
{
    private readonly KeyPair _user = KeyPair.CreatePair(PrefixByte.User);
    private readonly NatsServer _server;

    public ServerTests()
    {
        _server = new NatsServer(
            $$"""
            authorization { users: [ { nkey: {{_user.GetPublicKey()}} } ] }
            """);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancelled);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _user.Dispose();
    }

    [Fact]
    public async Task A_server_accepts_what_the_client_signs_with_its_key()
    {
        await using var connection = Connect(_user);

        var roundTrip = await connection.PingAsync(Cancelled);

        Assert.True(roundTrip > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_server_refuses_a_key_it_does_not_know()
    {
        using var stranger = KeyPair.CreatePair(PrefixByte.User);
        await using var connection = Connect(stranger);

        await Assert.ThrowsAsync<NatsException>(async () => await connection.ConnectAsync());
    }

    private NatsConnection Connect(KeyPair user) => new(new NatsOpts
    {
        Url = _server.Url,
        AuthOpts = new NatsAuthOpts { NKey = user.GetPublicKey(), Seed = user.GetSeed() },
    });
}
