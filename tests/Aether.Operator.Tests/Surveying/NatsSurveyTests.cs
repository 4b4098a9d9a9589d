using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Tests.Provisioning;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Tests.Surveying;

/// <summary>
/// A survey of NATS sees every kind of drift that an inspection of a single world sees. The cases are those of the
/// provisioner's tests.
/// </summary>
public sealed class NatsSurveyTests(Servers servers) : IAsyncLifetime
{
    private readonly NatsProvisioner _provisioner = StoreProvisioners.Nats();
    private NatsServer _server = null!;
    private NatsConnection _connection = null!;
    private Requests _world = null!;

    private NatsJSContext JetStream => new(_connection);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await servers.NatsAsync();
        _connection = StoreClients.Connect(_server);
        _world = NewWorld();
        _world.Spec.Wal.Journal = nameof(JournalKind.JetStream);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [Fact]
    public async Task Survey_of_an_unchanged_world_is_the_same_whatever_happens_to_others()
    {
        var before = await MadeAsync();

        await _provisioner.InspectAsync(_world.Request(), Stop);
        await _provisioner.EnsureAsync(NewWorld().Request(), Stop);

        Assert.Equal(before, await _provisioner.SurveyAsync(_world));
    }

    [Theory]
    [MemberData(nameof(NatsProvisionerTests.Drifts), MemberType = typeof(NatsProvisionerTests))]
    public async Task Survey_sees_drift(string drift)
    {
        var before = await MadeAsync();

        await ChangeAsync(_world.Names.EventStream, config => NatsProvisionerTests.Damage(config, drift));

        Assert.NotEqual(before, await _provisioner.SurveyAsync(_world));
    }

    [Fact]
    public async Task Survey_sees_another_owner()
    {
        var before = await MadeAsync();

        await ChangeAsync(_world.Names.EventStream, config => config.Description = "theirs");

        Assert.NotEqual(before, await _provisioner.SurveyAsync(_world));
    }

    [Fact]
    public async Task Survey_sees_a_limit_of_the_journal()
    {
        var before = await MadeAsync();

        await ChangeAsync(_world.Names.JournalStream, config => config.MaxAge = TimeSpan.FromHours(1));

        Assert.NotEqual(before, await _provisioner.SurveyAsync(_world));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Survey_sees_a_lost_stream(bool ofEvents)
    {
        var before = await MadeAsync();

        await JetStream.DeleteStreamAsync(ofEvents ? _world.Names.EventStream : _world.Names.JournalStream, Stop);

        Assert.NotEqual(before, await _provisioner.SurveyAsync(_world));
    }

    [Fact]
    public async Task Survey_ignores_traffic_until_a_stream_of_events_reaches_its_limit()
    {
        _world.Spec.Events = new() { MaxBytes = "1Mi" };
        var before = await MadeAsync();

        await PublishAsync(count: 7);
        var half = await _provisioner.SurveyAsync(_world);
        await PublishAsync(count: 10);
        var full = await _provisioner.SurveyAsync(_world);

        Assert.Equal(before, half);
        Assert.NotEqual(before, full);
    }

    private async Task<string?> MadeAsync()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        return await _provisioner.SurveyAsync(_world);
    }

    private async Task ChangeAsync(string stream, Action<StreamConfig> change)
    {
        var config = (await JetStream.GetStreamAsync(stream, cancellationToken: Stop)).Info.Config;
        change(config);
        await JetStream.UpdateStreamAsync(config, Stop);
    }

    private async Task PublishAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var stored = await JetStream.PublishAsync(
                $"{_world.Names.SubjectPrefix}events.born", new byte[64 << 10], cancellationToken: Stop);
            stored.EnsureSuccess();
        }
    }

    private Requests NewWorld() => new()
    {
        Nats = new NatsAccess
        {
            Urls = [_server.Url],
            Username = _server.AdminUsername,
            Password = _server.AdminPassword,
            CredentialsFile = null,
            SigningSeed = null,
            AccountPublicKey = null,
        },
    };
}
