using System.Net;
using System.Text.Json.Nodes;
using Aether.Agent.Tests.Support;
using Aether.Persistence.Contracts;
using Aether.Persistence.V1;
using Aether.TestServers;
using Google.Protobuf;
using Grpc.Core;

namespace Aether.Agent.Tests.Servers;

/// <summary>Agents with a nats-server that accepts messages of at most 64 KiB, or without NATS.</summary>
public sealed class NatsSettingsTests : IAsyncLifetime
{
    private const int MaxPayload = 65_536;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ServerWorld _world = new(natsSettings: $"max_payload: {MaxPayload}");
    private readonly TemporaryFolder _folder = new("agent");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    [Trait("Field", "F24")]
    public async Task Event_beyond_the_servers_limit_is_refused_with_the_limit()
    {
        await using var agent = await _world.StartAgentAsync(_folder, "holder");
        await using var client = await agent.Endpoints.ConnectAsync();
        await client.PublishEventAsync("trade", new byte[1], Cancellation);

        var json = await agent.Endpoints.Json.PostAsync(
            "/v1/events/trade", new ByteArrayContent(new byte[100_000]), Cancellation);
        var problem = JsonNode.Parse(await json.Content.ReadAsStringAsync(Cancellation))!;
        var grpc = await Assert.ThrowsAsync<RpcException>(() => PublishAsync(agent, new byte[100_000]));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, json.StatusCode);
        Assert.Contains($"{MaxPayload}", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(StatusCode.InvalidArgument, grpc.StatusCode);
        Assert.Equal($"{MaxPayload}", grpc.Trailers.GetValue(AetherTrailers.Limit));
        await client.PublishEventAsync("trade", new byte[2], Cancellation);
    }

    [Fact]
    [Trait("Field", "F24")]
    public async Task Journal_beyond_the_servers_message_size_ends_the_agent_as_badly_configured()
    {
        await using var agent = await _world.StartAgentAsync(_folder, "holder", _world.JetStreamJournal);

        var exitCode = await agent.Process.Exited.WaitAsync(Patience, Cancellation);

        Assert.Equal(1, exitCode);
        var log = string.Concat(Directory.GetFiles(_folder.Path, "*.log").Select(File.ReadAllText));
        Assert.Contains($"max_payload {MaxPayload}", log, StringComparison.Ordinal);
        Assert.Contains($"{NatsLimits.JournalMaxPayload}", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_world_without_NATS_is_served_and_refuses_events()
    {
        await using var agent = await _world.StartAgentAsync(_folder, "holder", (AetherVariables.NatsUrl, ""));
        await using var client = await agent.Endpoints.ConnectAsync();

        var refused = await Assert.ThrowsAsync<RpcException>(() => PublishAsync(agent, new byte[1]));
        var json = await agent.Endpoints.Json.PostAsync(
            "/v1/events/trade", new ByteArrayContent(new byte[1]), Cancellation);

        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains("NatsReady", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, json.StatusCode);
        Assert.Equal(0UL, (await client.RecoverAsync(Cancellation)).Keys);
        Assert.Equal(
            ["wal", "lease", "journal", "snapshots"],
            (await client.StatusAsync(Cancellation)).Backends.Select(backend => backend.Name));
    }

    private static async Task PublishAsync(AgentProcess agent, byte[] data) => await agent.Endpoints.Grpc
        .PublishEventAsync(
            new PublishEventRequest { Type = "trade", Data = ByteString.CopyFrom(data) },
            cancellationToken: Cancellation);
}
