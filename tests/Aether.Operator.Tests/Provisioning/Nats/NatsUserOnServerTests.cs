using Aether.Operator.Provisioning.Nats;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.NKeys;

namespace Aether.Operator.Tests.Provisioning.Nats;

public sealed class NatsUserOnServerTests : IAsyncLifetime
{
    private static readonly NatsPermissions Everything = new([">"], [">"]);
    private static readonly WorldNames World = WorldNames.For("games", "economy");
    private static readonly WorldNames Other = WorldNames.For("games", "arena");

    // Most refusals show as a missing answer.
    private static readonly TimeSpan Refusal = TimeSpan.FromMilliseconds(500);

    private readonly NatsOperator _nats = new();
    private readonly NatsServer _server;

    public NatsUserOnServerTests() => _server = new NatsServer(_nats);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancelled);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task All_users_that_connect_at_once_have_JetStream()
    {
        var connections = Enumerable.Range(0, 12)
            .Select(_ => Connect(Issue(_nats.AccountSeed, account: null, Everything)))
            .ToArray();
        try
        {
            await Task.WhenAll(connections.Select(connection => Task.Run(async () => await connection.ConnectAsync())));

            foreach (var connection in connections)
                Assert.NotNull(await new NatsJSContext(connection).GetAccountInfoAsync(Cancelled));
        }
        finally
        {
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task User_signed_by_the_account_itself_is_accepted()
    {
        await using var connection = Connect(Issue(_nats.AccountSeed, account: null, Everything));

        await connection.ConnectAsync();

        Assert.Equal(NatsConnectionState.Open, connection.ConnectionState);
    }

    [Fact]
    public async Task User_signed_by_an_unknown_key_is_refused()
    {
        using var stranger = KeyPair.CreatePair(PrefixByte.Account);
        await using var connection = Connect(Issue(stranger.GetSeed(), _nats.Account, Everything));

        await Assert.ThrowsAsync<NatsException>(async () => await connection.ConnectAsync());
    }

    [Fact]
    public async Task User_with_a_widened_token_is_refused()
    {
        var narrow = Issue(_nats.SigningSeed, _nats.Account, NatsPermissions.For(World));
        var wide = Issue(_nats.SigningSeed, _nats.Account, Everything);
        var claims = wide.Jwt.Split('.')[1];
        var parts = narrow.Jwt.Split('.');
        await using var connection = Connect(narrow with { Jwt = $"{parts[0]}.{claims}.{parts[2]}" });

        await Assert.ThrowsAsync<NatsException>(async () => await connection.ConnectAsync());
    }

    [Fact]
    public async Task A_world_publishes_to_its_stream_and_reads_it_back()
    {
        await CreateStreamAsync(World);
        await using var connection = ConnectAs(World);
        var stream = new NatsJSContext(connection);

        var ack = await stream.PublishAsync($"{World.SubjectPrefix}trades", "sold", cancellationToken: Cancelled);
        ack.EnsureSuccess();
        var consumer = await stream.CreateOrderedConsumerAsync(World.EventStream, cancellationToken: Cancelled);
        var message = await consumer.NextAsync<string>(cancellationToken: Cancelled);

        Assert.Equal("sold", message?.Data);
    }

    [Fact]
    public async Task A_world_can_neither_write_nor_read_another()
    {
        await CreateStreamAsync(World);
        await CreateStreamAsync(Other);
        await using var connection = ConnectAs(World, Refusal);
        var stream = new NatsJSContext(connection);

        await AssertRefusedAsync(() => stream.PublishAsync(
            $"{Other.SubjectPrefix}trades", "forged", cancellationToken: Cancelled).AsTask());
        await AssertRefusedAsync(() => stream.GetStreamAsync(
            Other.EventStream, cancellationToken: Cancelled).AsTask());
        await AssertRefusedAsync(() => stream.CreateOrUpdateConsumerAsync(
            Other.EventStream, new ConsumerConfig("spy"), Cancelled).AsTask());

        await using var admin = Connect(Issue(_nats.AccountSeed, account: null, Everything));
        var other = await new NatsJSContext(admin).GetStreamAsync(Other.EventStream, cancellationToken: Cancelled);
        Assert.Equal(0, other.Info.State.Messages);
    }

    [Fact]
    public async Task World_can_report_only_for_itself_and_cannot_read_other_reports()
    {
        await using var admin = Connect(Issue(_nats.AccountSeed, account: null, Everything));
        var reports = await new NatsJSContext(admin).CreateStreamAsync(
            new StreamConfig(AetherNames.ReportStream, [AetherNames.ReportSubjects]) { MaxMsgsPerSubject = 1 },
            Cancelled);
        await using var reporter = ConnectAs(World);
        await using var connection = ConnectAs(World, Refusal);
        var stream = new NatsJSContext(connection);

        var ack = await new NatsJSContext(reporter).PublishAsync(
            WorldNames.ReportSubject(World.SubjectPrefix, "pod"), "own", cancellationToken: Cancelled);
        ack.EnsureSuccess();
        await AssertRefusedAsync(() => stream.PublishAsync(
            WorldNames.ReportSubject(Other.SubjectPrefix, "pod"), "forged", cancellationToken: Cancelled).AsTask());
        await AssertRefusedAsync(() => stream.GetStreamAsync(
            AetherNames.ReportStream, cancellationToken: Cancelled).AsTask());
        await AssertRefusedAsync(() => stream.CreateOrUpdateConsumerAsync(
            AetherNames.ReportStream, new ConsumerConfig("spy"), Cancelled).AsTask());

        await reports.RefreshAsync(Cancelled);
        Assert.Equal(1, reports.Info.State.Messages);
    }

    [Fact]
    public async Task A_world_can_neither_purge_nor_delete_its_own_stream()
    {
        await CreateStreamAsync(World);
        await using var connection = ConnectAs(World, Refusal);
        var stream = new NatsJSContext(connection);

        await AssertRefusedAsync(() => stream.DeleteStreamAsync(World.EventStream, Cancelled).AsTask());
        await AssertRefusedAsync(() => stream.PurgeStreamAsync(
            World.EventStream, new StreamPurgeRequest(), Cancelled).AsTask());
    }

    private static NatsConnection Connect(string url, NatsCredentials credentials, string inbox, TimeSpan timeout) =>
        new(new NatsOpts
        {
            Url = url,
            InboxPrefix = inbox,
            ConnectTimeout = TestServer.ClientPatience,
            RequestTimeout = timeout,
            AuthOpts = new NatsAuthOpts { Creds = credentials.Format() },
        });

    // nats-server drops messages that the user may not publish: the caller gets no answer, or an error of the
    // connection.
    private static async Task AssertRefusedAsync(Func<Task> request)
    {
        var error = await Record.ExceptionAsync(request);

        Assert.IsAssignableFrom<NatsException>(error);
    }

    private static NatsCredentials Issue(string seed, string? account, NatsPermissions permissions)
    {
        using var issuer = new NatsUserIssuer(seed, account);
        return issuer.Issue("games/economy", permissions, TimeProvider.System.GetUtcNow());
    }

    private NatsConnection Connect(NatsCredentials credentials) =>
        Connect(_server.Url, credentials, "_INBOX", TestServer.ClientPatience);

    private NatsConnection ConnectAs(WorldNames world, TimeSpan? requestTimeout = null) => Connect(
        _server.Url,
        Issue(_nats.SigningSeed, _nats.Account, NatsPermissions.For(world)),
        world.InboxPrefix,
        requestTimeout ?? TestServer.ClientPatience);

    private async Task CreateStreamAsync(WorldNames world)
    {
        await using var admin = Connect(Issue(_nats.AccountSeed, account: null, Everything));
        await new NatsJSContext(admin).CreateStreamAsync(
            new StreamConfig(world.EventStream, [$"{world.SubjectPrefix}>"]), Cancelled);
    }
}
