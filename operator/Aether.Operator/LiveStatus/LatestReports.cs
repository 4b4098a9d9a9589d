using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The last report of every agent of the existing worlds, and whether the operator receives reports. Thread-safe. Its
/// size is bounded by the number of worlds, whatever their agents send.
/// </summary>
internal sealed class LatestReports(ReportMetrics metrics, TimeProvider clock)
{
    /// <summary>
    /// How long the agents of a world may take to switch to another channel. They read it from the world's Secret,
    /// which the kubelet updates in a pod within about two minutes.
    /// </summary>
    public static readonly TimeSpan MovesWithin = TimeSpan.FromMinutes(3);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, WorldReports> _byId = []; // guarded by _lock
    private readonly Dictionary<ObjectKey, string> _ids = []; // guarded by _lock
    private readonly Dictionary<ReportSource, ChannelState> _channels = []; // guarded by _lock
    private DateTimeOffset _begun = clock.GetUtcNow(); // guarded by _lock

    /// <summary>
    /// Called with a world whose reports have changed. It runs on the caller's thread, outside the lock.
    /// </summary>
    public Action<ObjectKey> Changed { private get; set; } = _ => { };

    /// <summary>Starts the time from which a missing report means something: nothing was received before.</summary>
    public void Begin()
    {
        lock (_lock)
            _begun = clock.GetUtcNow();
    }

    /// <summary>The sources through which the agents of the worlds report.</summary>
    public IReadOnlySet<ReportSource> Sources()
    {
        lock (_lock)
            return _byId.Values.Where(world => world.HasStores).Select(world => world.Source).ToHashSet();
    }

    /// <summary>The PostgreSQL schemas of the worlds whose agents report through a source.</summary>
    public IReadOnlyCollection<string> SchemasOf(ReportSource source)
    {
        lock (_lock)
            return [.. _byId.Values.Where(world => world.Source == source).Select(world => world.Names.Schema)];
    }

    /// <summary>Follows a world. A recreated world of the same name starts without reports.</summary>
    public void Follow(WorldPersistence world)
    {
        var names = WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name);
        var key = ObjectKey.Of(world);
        lock (_lock)
        {
            _ids[key] = names.Id;
            var source = ReportSource.Of(world);
            if (_byId.TryGetValue(names.Id, out var known) && known.Uid == world.Metadata.Uid)
                known.Move(source, clock.GetUtcNow());
            else
                _byId[names.Id] = known = new WorldReports(key, world.Metadata.Uid, source, names);
            known.HasStores = world.Status.Stores is not null;
            known.Identities = [.. world.Status.Stores?.Identities ?? []];
        }
    }

    /// <summary>Stops following a world.</summary>
    public void Forget(ObjectKey key)
    {
        lock (_lock)
        {
            if (_ids.Remove(key, out var id))
                _byId.Remove(id);
        }
    }

    /// <summary>Drops all reports and epochs of a world that starts empty.</summary>
    public void Restart(ObjectKey key)
    {
        lock (_lock)
        {
            if (_ids.TryGetValue(key, out var id) && _byId.TryGetValue(id, out var world))
                _byId[id] = world.Restarted();
        }
    }

    /// <summary>Accepts a message on a subject of a backend's NATS if the subject may carry it.</summary>
    public void Take(ReportSource source, string subject, ReadOnlySpan<byte> text, DateTimeOffset receivedAt) =>
        Take(source, WorldNames.IdOfReportSubject(subject), subject, text, receivedAt);

    /// <summary>Accepts a row of a schema of a backend's PostgreSQL if the schema may hold it.</summary>
    public void TakeRow(ReportSource source, string schema, ReadOnlySpan<byte> text, DateTimeOffset receivedAt) =>
        Take(source, WorldNames.IdOfSchema(schema), subject: null, text, receivedAt);

    /// <summary>Records that reports arrive through a source.</summary>
    public void Opened(ReportSource source) => Set(source, new ChannelState(clock.GetUtcNow(), null));

    /// <summary>Records that no reports arrive through a source.</summary>
    public void Lost(ReportSource source, string problem)
    {
        lock (_lock)
        {
            if (_channels.TryGetValue(source, out var channel) && !channel.IsOpen)
                return;
        }

        Set(source, new ChannelState(clock.GetUtcNow(), problem));
    }

    /// <summary>The reports of a world's agents, and the state of the channel they come through.</summary>
    public (IReadOnlyList<ReceivedReport> Reports, ulong Epoch, ReceivedReport? Fenced, ChannelState Channel) Read(
        ObjectKey key)
    {
        lock (_lock)
        {
            var world = _ids.TryGetValue(key, out var id) ? _byId.GetValueOrDefault(id) : null;
            var channel = world is null ? null : _channels.GetValueOrDefault(world.Source);
            channel ??= new ChannelState(_begun, "The operator has not received reports through it yet.");
            return (
                world is null ? [] : [.. world.Pods],
                world?.Epoch ?? 0,
                world?.Fenced,
                world is null ? channel : Since(world, channel));
        }
    }

    // After a switch of the channel, agents that have not read of it yet do not count as silent.
    private static ChannelState Since(WorldReports world, ChannelState channel)
    {
        var moved = world.MovedAt + (channel.IsOpen ? MovesWithin : TimeSpan.Zero);
        return moved > channel.Since ? channel with { Since = moved } : channel;
    }

    private void Set(ReportSource source, ChannelState state)
    {
        List<ObjectKey> concerned;
        lock (_lock)
        {
            _channels[source] = state;
            concerned = [.. _byId.Values.Where(world => world.Source == source).Select(world => world.Key)];
        }

        concerned.ForEach(Changed);
    }

    private void Take(
        ReportSource source, string? id, string? subject, ReadOnlySpan<byte> text, DateTimeOffset receivedAt)
    {
        var (world, refusal) = TakeIn(source, id, subject, text, receivedAt);
        metrics.Received(refusal);
        if (world is { } key)
            Changed(key);
    }

    // The world if its status may have to change; and why the report was refused, if it was.
    private (ObjectKey? World, ReportRefusal? Refusal) TakeIn(
        ReportSource source, string? id, string? subject, ReadOnlySpan<byte> text, DateTimeOffset receivedAt)
    {
        if (AgentReport.TryRead(text) is not { } report)
            return (null, ReportRefusal.Malformed);

        lock (_lock)
        {
            if (id is null || !_byId.TryGetValue(id, out var world) || world.Source != source)
                return (null, ReportRefusal.UnknownWorld);
            if (!world.IsNamed(report.WorldUid)
                || (subject is not null
                    && subject != WorldNames.ReportSubject(world.Names.SubjectPrefix, report.Pod)))
                return (null, ReportRefusal.Foreign);

            return world.Take(new ReceivedReport(report, receivedAt)) switch
            {
                null => (world.Key, ReportRefusal.Overtaken),
                true => (world.Key, null),
                false => (null, null),
            };
        }
    }
}
