using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The last report of every agent of the worlds that are there, and whether reports come at all. Thread-safe. What it
/// holds is bounded by the number of worlds, whatever their agents send.
/// </summary>
internal sealed class LatestReports(ReportMetrics metrics, TimeProvider clock)
{
    /// <summary>
    /// How long the agents of a world may take to report elsewhere. They learn of it from the world's Secret, which the
    /// kubelet brings into a pod within about two minutes.
    /// </summary>
    public static readonly TimeSpan MovesWithin = TimeSpan.FromMinutes(3);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, WorldReports> _byId = []; // guarded by _lock
    private readonly Dictionary<ObjectKey, string> _ids = []; // guarded by _lock
    private readonly Dictionary<ReportSource, ChannelState> _channels = []; // guarded by _lock
    private DateTimeOffset _begun = clock.GetUtcNow(); // guarded by _lock

    /// <summary>Called with a world of which something new was heard.</summary>
    public Action<ObjectKey> Changed { private get; set; } = _ => { };

    /// <summary>Nobody listened until now, which says nothing about those who were not heard.</summary>
    public void Begin()
    {
        lock (_lock)
            _begun = clock.GetUtcNow();
    }

    /// <summary>Where the agents of worlds report.</summary>
    public IReadOnlySet<ReportSource> Sources()
    {
        lock (_lock)
            return _byId.Values.Where(world => world.HasStores).Select(world => world.Source).ToHashSet();
    }

    /// <summary>The PostgreSQL schemas of the worlds whose agents report there.</summary>
    public IReadOnlyCollection<string> SchemasOf(ReportSource source)
    {
        lock (_lock)
            return [.. _byId.Values.Where(world => world.Source == source).Select(world => world.Names.Schema)];
    }

    /// <summary>Listens to a world from now on; a recreated world of the same name begins empty.</summary>
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

    /// <summary>Listens to a world no more.</summary>
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

    /// <summary>Takes what came on a subject of a backend's NATS, if it may say that.</summary>
    public void Take(ReportSource source, string subject, ReadOnlySpan<byte> text, DateTimeOffset heardAt) =>
        Take(source, WorldNames.IdOfReportSubject(subject), subject, text, heardAt);

    /// <summary>Takes what lies in a schema of a backend's PostgreSQL, if it may say that.</summary>
    public void TakeRow(ReportSource source, string schema, ReadOnlySpan<byte> text, DateTimeOffset heardAt) =>
        Take(source, WorldNames.IdOfSchema(schema), subject: null, text, heardAt);

    /// <summary>A backend's reports come.</summary>
    public void Opened(ReportSource source) => Set(source, new ChannelState(clock.GetUtcNow(), null));

    /// <summary>A backend's reports do not come.</summary>
    public void Lost(ReportSource source, string problem)
    {
        lock (_lock)
        {
            if (_channels.TryGetValue(source, out var channel) && !channel.IsOpen)
                return;
        }

        Set(source, new ChannelState(clock.GetUtcNow(), problem));
    }

    /// <summary>What is known of a world's agents, and of the way their reports come.</summary>
    public (IReadOnlyList<HeardReport> Reports, ulong Epoch, HeardReport? Fenced, ChannelState Channel) Read(
        ObjectKey key)
    {
        lock (_lock)
        {
            var world = _ids.TryGetValue(key, out var id) ? _byId.GetValueOrDefault(id) : null;
            var channel = world is null ? null : _channels.GetValueOrDefault(world.Source);
            channel ??= new ChannelState(_begun, "The operator has not listened to it yet.");
            return (
                world is null ? [] : [.. world.Pods],
                world?.Epoch ?? 0,
                world?.Fenced,
                world is null ? channel : Since(world, channel));
        }
    }

    // Agents that have yet to learn where they report now are not silent.
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
        ReportSource source, string? id, string? subject, ReadOnlySpan<byte> text, DateTimeOffset heardAt)
    {
        var (world, refusal) = TakeIn(source, id, subject, text, heardAt);
        metrics.Heard(refusal);
        if (world is { } key)
            Changed(key);
    }

    // The world, if anybody has to look at it again; and why the report was refused, if it was.
    private (ObjectKey? World, ReportRefusal? Refusal) TakeIn(
        ReportSource source, string? id, string? subject, ReadOnlySpan<byte> text, DateTimeOffset heardAt)
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

            return world.Take(new HeardReport(report, heardAt)) switch
            {
                null => (world.Key, ReportRefusal.Overtaken),
                true => (world.Key, null),
                false => (null, null),
            };
        }
    }
}
