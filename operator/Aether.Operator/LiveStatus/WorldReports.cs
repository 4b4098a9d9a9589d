using Aether.ControllerRuntime;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>The reports of one world's agents. Guarded by the lock of <see cref="LatestReports"/>.</summary>
internal sealed class WorldReports(ObjectKey key, string uid, ReportSource source, WorldNames names)
{
    // The writer and the pods that wait for the world; only a malicious world sends reports of more pods.
    private const int MostPods = 8;

    // A lower epoch than one reported recently is outdated: it comes from a writer that does not know yet that it is
    // fenced.
    private static readonly TimeSpan EpochHolds = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, ReceivedReport> _pods = [];
    private DateTimeOffset _epochReceivedAt = DateTimeOffset.MinValue;

    public ObjectKey Key => key;

    public string Uid => uid;

    public WorldNames Names => names;

    /// <summary>The source of its agents' reports.</summary>
    public ReportSource Source { get; private set; } = source;

    /// <summary>When the source last changed.</summary>
    public DateTimeOffset MovedAt { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>Whether the operator has begun to provision its stores.</summary>
    public bool HasStores { get; set; }

    /// <summary>
    /// Identities of the world's data. Agents report under them, so that reports of a pod from before an adoption are
    /// accepted.
    /// </summary>
    public IReadOnlyList<string> Identities { get; set; } = [];

    /// <summary>The highest reported epoch; 0 for none.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>The last report of the pod that was fenced last; null for none.</summary>
    public ReceivedReport? Fenced { get; private set; }

    public IReadOnlyCollection<ReceivedReport> Pods => _pods.Values;

    /// <summary>Changes the source of its agents' reports.</summary>
    public void Move(ReportSource next, DateTimeOffset now)
    {
        if (next != Source)
            (Source, MovedAt) = (next, now);
    }

    /// <summary>The same world without any reports.</summary>
    public WorldReports Restarted() => new(key, uid, Source, names)
    {
        Identities = Identities,
        HasStores = HasStores,
        MovedAt = MovedAt,
    };

    /// <summary>Whether a report with that identity is about this world.</summary>
    public bool IsNamed(string identity) => identity == uid || Identities.Contains(identity);

    /// <summary>Stores a report. Null if it is outdated; otherwise whether anything but numbers has changed.</summary>
    public bool? Take(ReceivedReport received)
    {
        var report = received.Report;
        var before = _pods.GetValueOrDefault(report.Pod);
        if (report.Epoch > 0 && !IsPresent(report.Epoch, received.ReceivedAt))
        {
            _pods.Remove(report.Pod);
            if (report.Phase == RuntimePhase.Fenced)
                Fenced = received;
            return null;
        }

        if (report is { Epoch: 0, Phase: RuntimePhase.Stopped })
            return _pods.Remove(report.Pod);

        if (before is null && _pods.Count >= MostPods)
            _pods.Remove(_pods.MinBy(pod => (pod.Value.Report.Epoch, pod.Value.ReceivedAt)).Key);

        // A stored report from NATS must not set back the time at which the operator itself received a later one.
        _pods[report.Pod] = before is not null && before.ReceivedAt > received.ReceivedAt
            ? received with { ReceivedAt = before.ReceivedAt }
            : received;
        return before is null || HasNews(before, received);
    }

    private bool IsPresent(ulong epoch, DateTimeOffset receivedAt)
    {
        if (epoch < Epoch && receivedAt - _epochReceivedAt < EpochHolds)
            return false;

        if (epoch == Epoch)
        {
            _epochReceivedAt = receivedAt > _epochReceivedAt ? receivedAt : _epochReceivedAt;
            return true;
        }

        foreach (var (pod, former) in _pods)
        {
            if (former.Report.Epoch > 0)
                _pods.Remove(pod);
        }

        (Epoch, _epochReceivedAt) = (epoch, receivedAt);
        return true;
    }

    private static bool HasNews(ReceivedReport before, ReceivedReport received)
    {
        var (old, now) = (before.Report, received.Report);
        return old.Phase != now.Phase
            || old.Epoch != now.Epoch
            || old.Detail != now.Detail
            || old.Revision != now.Revision
            || old.CredentialsRevision != now.CredentialsRevision
            || old.SettingsProblem != now.SettingsProblem
            || old.NeedsRestart != now.NeedsRestart
            || JournalReachable.IsOut(old) != JournalReachable.IsOut(now)
            || old.SnapshotSequence != now.SnapshotSequence
            || RpoStep.Of(old.RpoSeconds) != RpoStep.Of(now.RpoSeconds)
            || received.ReceivedAt - before.ReceivedAt > LiveView.QuietFor;
    }
}
