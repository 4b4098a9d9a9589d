using Aether.Agent.Metrics;
using Aether.Agent.Settings;
using Aether.Agent.Worlds;
using Aether.Persistence;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Grpc.Core;
using Wire = Aether.Persistence.V1;

namespace Aether.Agent.Grpc;

/// <summary>Implements the service of world.proto with the engine.</summary>
internal sealed class WorldService(
    AgentOptions options,
    PersistenceRuntime runtime,
    StateReaders readers,
    WorldStatus status,
    WorldCommits commits,
    WorldEvents events,
    AgentMetrics metrics,
    IHostApplicationLifetime lifetime) : Wire.World.WorldBase
{
    public override async Task<Wire.CommitReply> Commit(Wire.CommitRequest request, ServerCallContext context) =>
        WireMapping.ToReply(await commits.CommitAsync(WireMapping.ToCommit(request), context.CancellationToken));

    public override async Task CommitStream(
        IAsyncStreamReader<Wire.StreamCommitRequest> requestStream,
        IServerStreamWriter<Wire.StreamCommitReply> responseStream,
        ServerCallContext context)
    {
        using var open = metrics.TrackCommitStream();
        try
        {
            using var session = new CommitStreamSession(commits, requestStream, responseStream);
            await session.RunAsync(context.CancellationToken, lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw runtime.NotServed();
        }
    }

    public override async Task<Wire.Watermarks> WaitFor(Wire.WaitForRequest request, ServerCallContext context)
    {
        await runtime.WaitForAsync(
            new Sequence(request.Sequence),
            new Epoch(request.Epoch),
            WireMapping.ToDurability(request.Durability) ?? Durability.Fsync,
            context.CancellationToken);
        var status = runtime.Status;
        return WireMapping.ToWatermarks(new Watermarks(status.Sequence, status.Durable, status.Replicated));
    }

    public override async Task WatchWatermarks(
        Wire.WatchWatermarksRequest request,
        IServerStreamWriter<Wire.Watermarks> responseStream,
        ServerCallContext context)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await foreach (var now in runtime.WatchAsync(over.Token))
                await responseStream.WriteAsync(WireMapping.ToWatermarks(now), over.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw runtime.NotServed();
        }
    }

    public override async Task<Wire.GetReply> Get(Wire.GetRequest request, ServerCallContext context)
    {
        var read = await runtime.GetAsync(
            WireMapping.ToKey(request.Key, "key"), request.Confirmed, context.CancellationToken);
        var reply = new Wire.GetReply { Found = read.Value is not null, AsOf = read.AsOf.Value };
        if (read.Value is { } value)
        {
            reply.Value = WireMapping.ToBytes(value.Value);
            reply.Version = value.Version.Value;
        }

        return reply;
    }

    public override async Task Scan(
        Wire.ScanRequest request, IServerStreamWriter<Wire.StateEntry> responseStream, ServerCallContext context)
    {
        using var reader = readers.Open();
        await responseStream.WriteAllAsync(
            reader.View.Scan(request.Kind, request.IdPrefix).Select(WireMapping.ToEntry),
            reader.WaitAsync,
            context.CancellationToken);
    }

    public override async Task Recover(
        Wire.RecoverRequest request, IServerStreamWriter<Wire.RecoverReply> responseStream, ServerCallContext context)
    {
        using var reader = readers.Open();
        var view = reader.View;
        var header = new Wire.RecoverHeader
        {
            Sequence = view.Sequence.Value,
            Epoch = view.Epoch.Value,
            Keys = (ulong)view.Count,
            StateDigest = WireMapping.ToBytes(view.Digest),
        };
        await responseStream.WriteAsync(new Wire.RecoverReply { Header = header }, context.CancellationToken);
        await responseStream.WriteAllAsync(
            view.Entries.Select(entry => new Wire.RecoverReply { Entry = WireMapping.ToEntry(entry) }),
            reader.WaitAsync,
            context.CancellationToken);
    }

    public override async Task<Wire.SnapshotReply> Snapshot(Wire.SnapshotRequest request, ServerCallContext context)
    {
        var manifest = await runtime.SnapshotAsync(context.CancellationToken);
        return new Wire.SnapshotReply
        {
            Sequence = manifest.Sequence.Value,
            Keys = manifest.Keys,
            StateDigest = WireMapping.ToBytes(manifest.Digest),
        };
    }

    public override Task<Wire.StatusReply> Status(Wire.StatusRequest request, ServerCallContext context) =>
        Task.FromResult(WireMapping.ToReply(options.WorldName, status.Current));

    public override async Task<Wire.PublishEventReply> PublishEvent(
        Wire.PublishEventRequest request, ServerCallContext context) => new()
        {
            EventSequence = await events.PublishAsync(request.Type, request.Data.Memory, context.CancellationToken),
        };

    public override async Task SubscribeEvents(
        Wire.SubscribeEventsRequest request, IServerStreamWriter<Wire.Event> responseStream, ServerCallContext context)
    {
        using var open = metrics.TrackEventSubscription();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            var subscription = await events.SubscribeAsync(request.TypeFilter, request.AfterSequence, over.Token);
            await context.WriteResponseHeadersAsync(new Metadata { { AetherHeaders.Subscribed, "true" } });
            await foreach (var found in subscription)
            {
                var message = new Wire.Event
                {
                    EventSequence = found.EventSequence,
                    Type = found.Type,
                    Data = WireMapping.ToBytes(found.Data),
                    UnixMs = found.PublishedAt.ToUnixTimeMilliseconds(),
                };
                await responseStream.WriteAsync(message, context.CancellationToken);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw runtime.NotServed();
        }
    }
}
