using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Tests.Provisioning;

public sealed class NatsProvisionerTests(Servers servers) : IAsyncLifetime
{
    private readonly NatsProvisioner _provisioner = StoreProvisioners.Nats();
    private NatsServer _server = null!;
    private NatsConnection _connection = null!;
    private Requests _world = null!;

    private string Stream => _world.Names.EventStream;

    private NatsJSContext JetStream => new(_connection);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await servers.NatsAsync();
        _world = new Requests { Nats = Access() };
        _connection = StoreClients.Connect(_server);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [Fact]
    public async Task New_world_gets_a_stream_and_then_shows_no_drift()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        var inspection = await _provisioner.InspectAsync(_world.Request(), Stop);
        Assert.Empty(inspection.Drifts);
        Assert.Equal(StoreReason.SharedCredentials, inspection.Reason);
        Assert.Contains("delete their streams", inspection.Message, StringComparison.Ordinal);
        var ack = await JetStream.PublishAsync(
            $"{_world.Names.SubjectPrefix}events.born", "x", cancellationToken: Stop);
        Assert.Equal(Stream, ack.Stream);
    }

    [Fact]
    public async Task Correct_stream_is_neither_recreated_nor_changed()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await using var asked = await _connection.SubscribeCoreAsync<string>(
            "$JS.EVENT.ADVISORY.STREAM.*." + Stream, cancellationToken: Stop);
        await _connection.PingAsync(Stop);

        await _provisioner.InspectAsync(_world.Request(), Stop);
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        await _connection.PingAsync(Stop);
        Assert.False(asked.Msgs.TryRead(out _));
    }

    public static TheoryData<string> Drifts =>
    [
        "subjects", "max_age", "max_bytes", "max_msgs_per_subject", "no_ack", "discard policy",
    ];

    [Theory]
    [MemberData(nameof(Drifts))]
    public async Task Drift_is_found_named_and_repaired_without_losing_events(string drift)
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await JetStream.PublishAsync($"{_world.Names.SubjectPrefix}events.born", "x", cancellationToken: Stop);
        var config = (await JetStream.GetStreamAsync(Stream, cancellationToken: Stop)).Info.Config;
        Damage(config, drift);
        await JetStream.UpdateStreamAsync(config, Stop);

        var found = await _provisioner.InspectAsync(_world.Request(), Stop);
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        Assert.EndsWith(drift, Assert.Single(found.Drifts).What, StringComparison.Ordinal);
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);
        Assert.Equal(1L, (await JetStream.GetStreamAsync(Stream, cancellationToken: Stop)).Info.State.Messages);
    }

    [Fact]
    public async Task A_dropped_stream_is_recreated()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await JetStream.DeleteStreamAsync(Stream, Stop);

        var found = await _provisioner.InspectAsync(_world.Request(), Stop);
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        Assert.EndsWith("is missing", Assert.Single(found.Drifts).What, StringComparison.Ordinal);
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);
    }

    [Fact]
    public async Task A_changed_spec_changes_the_stream()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        (_world.Spec.Events ??= new()).MaxAge = "1m";

        await _provisioner.EnsureAsync(_world.Request(), Stop);

        var config = (await JetStream.GetStreamAsync(Stream, cancellationToken: Stop)).Info.Config;
        Assert.Equal(TimeSpan.FromMinutes(1), config.MaxAge);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"owner":"somebody","world":"a/b"}""")]
    public async Task A_stream_of_another_or_no_owner_is_refused_and_not_touched(string? mark)
    {
        await JetStream.CreateStreamAsync(
            new StreamConfig(Stream, [$"{_world.Names.SubjectPrefix}x"]) { Description = mark }, Stop);

        var refusal = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.EnsureAsync(_world.Request(), Stop));
        await _provisioner.DeleteAsync(_world.Deletion(), Stop);

        Assert.Equal(StoreReason.OwnedByAnother, refusal.Reason);
        var config = (await JetStream.GetStreamAsync(Stream, cancellationToken: Stop)).Info.Config;
        Assert.Equal([$"{_world.Names.SubjectPrefix}x"], config.Subjects);
    }

    [Fact]
    public async Task A_retained_stream_is_adopted_with_its_events_by_a_world_that_names_its_UID()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await JetStream.PublishAsync($"{_world.Names.SubjectPrefix}events.born", "x", cancellationToken: Stop);
        var heir = Guid.NewGuid().ToString();

        await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.EnsureAsync(_world.Request(heir), Stop));
        await _provisioner.EnsureAsync(_world.Request(heir, adopt: _world.Uid), Stop);

        Assert.Empty((await _provisioner.InspectAsync(_world.Request(heir), Stop)).Drifts);
        Assert.Equal(1L, (await JetStream.GetStreamAsync(Stream, cancellationToken: Stop)).Info.State.Messages);
    }

    [Fact]
    public async Task Deletion_drops_only_a_stream_with_the_own_mark()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        await _provisioner.DeleteAsync(_world.Deletion("another"), Stop);
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);

        await _provisioner.DeleteAsync(_world.Deletion(), Stop);
        await _provisioner.DeleteAsync(_world.Deletion(), Stop);

        await Assert.ThrowsAsync<NatsJSApiException>(
            async () => await JetStream.GetStreamAsync(Stream, cancellationToken: Stop));
    }

    [Fact]
    public async Task Storage_that_cannot_be_changed_is_refused_with_a_remedy()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        (_world.Spec.Events ??= new()).Storage = nameof(EventStorage.Memory);

        var refusal = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.InspectAsync(_world.Request(), Stop));

        Assert.Equal(StoreReason.Refused, refusal.Reason);
        Assert.Contains("spec.events.storage", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_password_wrong_host_and_a_server_without_JetStream_are_distinguished()
    {
        const string secret = "hush-hush-hush";
        await using var plain = new NatsServer("accounts { A { users: [ { user: u, password: p } ] } }\n");
        await plain.StartAsync(Stop);

        var wrong = await FailureAsync(Access(password: secret));
        var unreachable = await FailureAsync(Access(url: "nats://127.0.0.1:1"));
        var without = await FailureAsync(Access(url: plain.Url, user: "u", password: "p"));

        Assert.Equal(StoreReason.AuthenticationFailed, wrong.Reason);
        Assert.Equal(StoreReason.Unreachable, unreachable.Reason);
        Assert.Contains("enable JetStream", without.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, wrong.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unanswered_request_does_not_count_as_missing_JetStream()
    {
        await using var silent = new NatsServer(
            """
            accounts {
              A {
                jetstream: enabled
                users: [ { user: u, password: p, permissions: { publish: { deny: "$JS.API.>" } } } ]
              }
            }

            """);
        await silent.StartAsync(Stop);

        var failure = await FailureAsync(Access(url: silent.Url, user: "u", password: "p"));

        Assert.Equal(StoreReason.Unreachable, failure.Reason);
        Assert.Contains("$JS.API.>", failure.Message, StringComparison.Ordinal);
    }

    internal static void Damage(StreamConfig config, string drift)
    {
        switch (drift)
        {
            case "subjects":
                config.Subjects = [.. config.Subjects!, config.Subjects!.First().Replace("events", "more")];
                break;
            case "max_age":
                config.MaxAge = TimeSpan.FromMinutes(10);
                break;
            case "max_bytes":
                config.MaxBytes = 1 << 20;
                break;
            case "max_msgs_per_subject":
                config.MaxMsgsPerSubject = 1;
                break;
            case "no_ack":
                config.NoAck = true;
                break;
            default:
                config.Discard = StreamConfigDiscard.New;
                break;
        }
    }

    private NatsAccess Access(string? url = null, string? user = null, string? password = null) => new()
    {
        Urls = [url ?? _server.Url],
        Username = user ?? _server.AdminUsername,
        Password = password ?? _server.AdminPassword,
        CredentialsFile = null,
        SigningSeed = null,
        AccountPublicKey = null,
    };

    private async Task<ProvisioningException> FailureAsync(NatsAccess access) =>
        await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.InspectAsync(new Requests { Nats = access }.Request(), Stop));
}
