using Aether.Persistence.Conformance;
using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;

namespace Aether.Persistence.Stores.Tests.Rotation;

/// <summary>A world switches to other NATS credentials and servers while it is in use.</summary>
[Trait("Field", "F05")]
public sealed class NatsRotationTests : IAsyncLifetime
{
    private const string User = "world";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WorldNames _names = WorldNames.For("tests", "rotation");
    private readonly NatsServer _server = new(Configuration("first"));
    private NatsWorld _world = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(Cancellation);
        _world = new NatsWorld(Options("first"), TimeProvider.System);
        await using var admin = new NatsConnection(new NatsOpts
        {
            Url = _server.Url,
            AuthOpts = new NatsAuthOpts { Username = User, Password = "first" },
        });
        await NatsWorlds.CreateStreamAsync(admin, _names);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_new_password_is_used_once_the_server_accepts_it()
    {
        await CheckAsync();

        var early = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _world.UseAsync(Options("second"), Cancellation));
        await CheckAsync();
        await ReloadAsync("second");
        await _world.UseAsync(Options("second"), Cancellation);

        Assert.Contains("uthorization", early.Message, StringComparison.Ordinal);
        await CheckAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("SU")]
    [InlineData("SUAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4JMAAAAAAAAAA")]
    public async Task Creds_file_with_a_malformed_seed_is_not_used_and_its_setting_is_named(string seed)
    {
        var malformed = Options("first") with { Credentials = new NatsCredentials("e30.e30.e30", seed).Format() };

        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _world.UseAsync(malformed, Cancellation));

        Assert.Contains(AetherVariables.NatsCredentials, refused.Message, StringComparison.Ordinal);
        await CheckAsync();
    }

    [Fact]
    public async Task A_subscription_ends_with_its_credentials_and_asks_the_caller_to_subscribe_again()
    {
        using var events = new JetStreamEventStream(
            _world, new InMemoryStores(TimeProvider.System), NullLogger<JetStreamEventStream>.Instance);
        var subscription = await events.SubscribeAsync("", 0, Cancellation);
        await using var received = subscription.GetAsyncEnumerator(Cancellation);
        var next = received.MoveNextAsync();

        await _world.UseAsync(Options("first") with { RequestTimeout = TimeSpan.FromSeconds(6) }, Cancellation);

        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => next.AsTask().WaitAsync(Patience, Cancellation));
    }

    // When the server reloads the file, it must name the folder from the command line.
    private static string Configuration(string password, string? folder = null) =>
        $$"""
        jetstream { max_memory_store: 1GB, max_file_store: 1GB{{(folder is null ? "" : $", store_dir: \"{folder}\"")}} }
        authorization { user: "{{User}}", password: "{{password}}", timeout: 30 }

        """;

    private NatsConnectionOptions Options(string password) => NatsWorlds.Options(_server, _names) with
    {
        Username = User,
        Password = password,
    };

    private Task ReloadAsync(string password) => _server.ReloadAsync(
        Configuration(password, Path.Combine(_server.Folder, "jetstream")), Cancellation);

    private async Task CheckAsync()
    {
        var status = await new NatsHealth(_world).CheckAsync(Cancellation);
        Assert.True(status.Healthy, status.Message);
    }
}
