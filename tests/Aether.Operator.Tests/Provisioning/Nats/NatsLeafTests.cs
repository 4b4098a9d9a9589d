using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Operator.Tests.Provisioning.Nats;

/// <summary>A JetStream that operator and worlds reach through a leaf node, by its domain.</summary>
[Trait("Field", "F25")]
public sealed class NatsLeafTests
{
    private readonly NatsProvisioner _provisioner = StoreProvisioners.Nats();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streams_of_worlds_and_of_reports_are_created_in_the_domain(bool leafHasJetStream)
    {
        await using var nats = new NatsLeaf(leafHasJetStream);
        await nats.StartAsync(Stop);
        var world = World(nats);

        await _provisioner.CheckAsync(world.Request().Backend, Stop);
        await _provisioner.EnsureAsync(world.Request(), Stop);
        await using var connection = Connect(nats.Leaf, nats.Username, nats.Password);
        await new ReportStream(connection, world.Nats!).EnsureAsync(Stop);

        Assert.Empty((await _provisioner.InspectAsync(world.Request(), Stop)).Drifts);
        Assert.Equal(
            new[] { AetherNames.ReportStream, world.Names.EventStream, world.Names.JournalStream }.Order(),
            await StreamsOnTheHubAsync(nats));
    }

    [Fact]
    public async Task Worlds_own_user_reaches_only_its_streams_in_the_domain()
    {
        var names = WorldNames.For("tests", "leaf");
        var allowed = NatsPermissions.For(names, hasJournal: true, NatsLeaf.Domain);
        var permissions = $"{{ publish: [{List(allowed.Publish)}], subscribe: [{List(allowed.Subscribe)}] }}";
        await using var nats = new NatsLeaf(
            leafHasJetStream: true, $", {{ user: world, password: secret, permissions: {permissions} }}");
        await nats.StartAsync(Stop);
        await using var admin = Connect(nats.Leaf, nats.Username, nats.Password);
        var streams = World(nats).Nats!.JetStream(admin);
        await streams.CreateStreamAsync(new(names.JournalStream, [$"{names.SubjectPrefix}journal"]), Stop);
        await streams.CreateStreamAsync(new("NEIGHBOUR", ["neighbour"]), Stop);

        await using var connection = new NatsConnection(
            Options(nats.Leaf, "world", "secret") with { InboxPrefix = names.InboxPrefix });
        var own = new NatsJSContext(connection, new NatsJSOpts(connection.Opts, domain: NatsLeaf.Domain));
        var published = await own.PublishAsync($"{names.SubjectPrefix}journal", "x", cancellationToken: Stop);
        var stream = await own.GetStreamAsync(names.JournalStream, cancellationToken: Stop);
        var read = await (await own.CreateOrderedConsumerAsync(names.JournalStream, cancellationToken: Stop))
            .NextAsync<string>(cancellationToken: Stop);

        Assert.Equal(1UL, published.Seq);
        Assert.Equal(1, stream.Info.State.Messages);
        Assert.Equal("x", read?.Data);
        await Assert.ThrowsAnyAsync<Exception>(
            async () => await own.GetStreamAsync("NEIGHBOUR", cancellationToken: Stop));
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("")]
    public void A_domain_of_the_wrong_form_is_refused(string domain)
    {
        var spec = Reconciling.Backends.On("b", new PostgresServer(), new RedisServer(), new NatsServer()).Spec;
        spec.Nats!.Domain = domain;

        Assert.Contains(
            PersistenceBackendValidator.Validate(spec),
            error => error.StartsWith("spec.nats.domain", StringComparison.Ordinal));
    }

    private static string List(IEnumerable<string> subjects) =>
        string.Join(", ", subjects.Select(subject => $"\"{subject}\""));

    private static Requests World(NatsLeaf nats)
    {
        var world = new Requests
        {
            Nats = new NatsAccess
            {
                Urls = [nats.Leaf.Url],
                Domain = NatsLeaf.Domain,
                Username = nats.Username,
                Password = nats.Password,
                CredentialsFile = null,
                SigningSeed = null,
                AccountPublicKey = null,
                SharedCredentials = true,
            },
        };
        world.Spec.Wal = new WalSpec { Journal = nameof(JournalKind.JetStream) };
        return world;
    }

    private static async Task<List<string>> StreamsOnTheHubAsync(NatsLeaf nats)
    {
        await using var hub = Connect(nats.Hub, nats.Username, nats.Password);
        var found = new List<string>();
        await foreach (var name in new NatsJSContext(hub).ListStreamNamesAsync(cancellationToken: Stop))
            found.Add(name);
        return [.. found.Order()];
    }

    private static NatsConnection Connect(NatsServer server, string username, string password) =>
        new(Options(server, username, password));

    private static NatsOpts Options(NatsServer server, string username, string password) => new()
    {
        Url = server.Url,
        AuthOpts = new NatsAuthOpts { Username = username, Password = password },
    };
}
