using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The last report of every agent of the worlds that are there, and whether reports come at all. Thread-safe. What it
/// holds is bounded by the number of worlds, whatever their agents send.
/// </summary>
internal sealed class ReportBook(ReportMetrics metrics, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, WorldReports> _byId = []; // guarded by _lock
    private readonly Dictionary<ObjectKey, string> _ids = []; // guarded by _lock
    private readonly Dictionary<string, ChannelState> _channels = []; // guarded by _lock
    private DateTimeOffset _begun = clock.GetUtcNow(); // guarded by _lock

    /// <summary>Called with a world of which something new was heard.</summary>
    public Action<ObjectKey> Changed { private get; set; } = _ => { };

    /// <summary>Nobody listened until now, which says nothing about those who were not heard.</summary>
    public void Begin()
    {
        lock (_lock)
            _begun = clock.GetUtcNow();
    }

    /// <summary>The backends that worlds are on.</summary>
    public IReadOnlySet<string> Backends()
    {
        lock (_lock)
            return _byId.Values.Select(world => world.Backend).ToHashSet();
    }

    /// <summary>Listens to a world from now on; one made anew by the same name begins empty.</summary>
    public void Follow(WorldPersistence world)
    {
        var names = WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name);
        var key = ObjectKey.Of(world);
        lock (_lock)
        {
            _ids[key] = names.Id;
            if (_byId.TryGetValue(names.Id, out var known) && known.Uid == world.Metadata.Uid)
                known.Backend = world.Spec.BackendRef.Name;
            else
                _byId[names.Id] = known =
                    new WorldReports(key, world.Metadata.Uid, world.Spec.BackendRef.Name, names.SubjectPrefix);
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

    /// <summary>Drops what was heard of a world that begins anew, epochs included.</summary>
    public void Restart(ObjectKey key)
    {
        lock (_lock)
        {
            if (_ids.TryGetValue(key, out var id) && _byId.TryGetValue(id, out var world))
                _byId[id] = new WorldReports(key, world.Uid, world.Backend, world.SubjectPrefix)
                {
                    Identities = world.Identities,
                };
        }
    }

    /// <summary>Takes what came on a subject of a backend's NATS, if it may say that.</summary>
    public void Take(string backend, string subject, ReadOnlySpan<byte> text, DateTimeOffset heardAt)
    {
        var (world, refusal) = TakeIn(backend, subject, text, heardAt);
        metrics.Heard(refusal);
        if (world is { } key)
            Changed(key);
    }

    /// <summary>A backend's reports come.</summary>
    public void Opened(string backend) => Set(backend, new ChannelState(clock.GetUtcNow(), null));

    /// <summary>A backend's reports do not come.</summary>
    public void Lost(string backend, string problem)
    {
        lock (_lock)
        {
            if (_channels.TryGetValue(backend, out var channel) && !channel.IsOpen)
                return;
        }

        Set(backend, new ChannelState(clock.GetUtcNow(), problem));
    }

    /// <summary>What is known of a world's agents, and of the way their reports come.</summary>
    public (IReadOnlyList<HeardReport> Reports, ulong Epoch, HeardReport? Fenced, ChannelState Channel) Read(
        ObjectKey key)
    {
        lock (_lock)
        {
            var world = _ids.TryGetValue(key, out var id) ? _byId.GetValueOrDefault(id) : null;
            var channel = world is null ? null : _channels.GetValueOrDefault(world.Backend);
            return (
                world is null ? [] : [.. world.Pods],
                world?.Epoch ?? 0,
                world?.Fenced,
                channel ?? new ChannelState(_begun, "The operator has not listened to it yet."));
        }
    }

    private void Set(string backend, ChannelState state)
    {
        List<ObjectKey> concerned;
        lock (_lock)
        {
            _channels[backend] = state;
            concerned = [.. _byId.Values.Where(world => world.Backend == backend).Select(world => world.Key)];
        }

        concerned.ForEach(Changed);
    }

    // The world, if anybody has to look at it again; and why the report was refused, if it was.
    private (ObjectKey? World, ReportRefusal? Refusal) TakeIn(
        string backend, string subject, ReadOnlySpan<byte> text, DateTimeOffset heardAt)
    {
        if (AgentReport.TryRead(text) is not { } report)
            return (null, ReportRefusal.Malformed);

        lock (_lock)
        {
            if (WorldNames.IdOfReportSubject(subject) is not { } id
                || !_byId.TryGetValue(id, out var world)
                || world.Backend != backend)
                return (null, ReportRefusal.UnknownWorld);
            if (!world.IsNamed(report.WorldUid)
                || subject != WorldNames.ReportSubject(world.SubjectPrefix, report.Pod))
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
