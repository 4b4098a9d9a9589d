using Aether.ControllerRuntime;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>What is known of one world's agents. Guarded by the lock of <see cref="LatestReports"/>.</summary>
internal sealed class WorldReports(ObjectKey key, string uid, ReportSource source, WorldNames names)
{
    // The writer, and those that wait to become it; more come only from a world that means ill.
    private const int MostPods = 8;

    // An epoch that was heard of this lately is not followed by a lower one, but of a writer that does not know it yet.
    private static readonly TimeSpan EpochHolds = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, HeardReport> _pods = [];
    private DateTimeOffset _epochHeardAt = DateTimeOffset.MinValue;

    public ObjectKey Key => key;

    public string Uid => uid;

    public WorldNames Names => names;

    /// <summary>Where its agents report.</summary>
    public ReportSource Source { get; private set; } = source;

    /// <summary>When that last changed.</summary>
    public DateTimeOffset MovedAt { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>Whether the operator has begun to make its stores.</summary>
    public bool HasStores { get; set; }

    /// <summary>
    /// Identities of the world's data. Agents report by them, so that a pod that was there before the world was adopted
    /// is heard still.
    /// </summary>
    public IReadOnlyList<string> Identities { get; set; } = [];

    /// <summary>The highest epoch heard of; 0: none.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>The last word of the pod that was overtaken last; null: none was heard of.</summary>
    public HeardReport? Fenced { get; private set; }

    public IReadOnlyCollection<HeardReport> Pods => _pods.Values;

    /// <summary>Its agents report elsewhere from now on, if that is not where they did.</summary>
    public void Move(ReportSource next, DateTimeOffset now)
    {
        if (next != Source)
            (Source, MovedAt) = (next, now);
    }

    /// <summary>The same world, of which no report was received yet.</summary>
    public WorldReports Restarted() => new(key, uid, Source, names)
    {
        Identities = Identities,
        HasStores = HasStores,
        MovedAt = MovedAt,
    };

    /// <summary>Whether a report by that identity is about this world.</summary>
    public bool IsNamed(string identity) => identity == uid || Identities.Contains(identity);

    /// <summary>Takes a report; null if it is overtaken, else whether it says anything new but numbers.</summary>
    public bool? Take(HeardReport heard)
    {
        var report = heard.Report;
        var before = _pods.GetValueOrDefault(report.Pod);
        if (report.Epoch > 0 && !IsPresent(report.Epoch, heard.HeardAt))
        {
            _pods.Remove(report.Pod);
            if (report.Phase == RuntimePhase.Fenced)
                Fenced = heard;
            return null;
        }

        if (report is { Epoch: 0, Phase: RuntimePhase.Stopped })
            return _pods.Remove(report.Pod);

        if (before is null && _pods.Count >= MostPods)
            _pods.Remove(_pods.MinBy(pod => (pod.Value.Report.Epoch, pod.Value.HeardAt)).Key);

        // One that was kept says nothing about a time in which the operator itself heard of the pod.
        _pods[report.Pod] = before is not null && before.HeardAt > heard.HeardAt
            ? heard with { HeardAt = before.HeardAt }
            : heard;
        return before is null || SaysNew(before, heard);
    }

    private bool IsPresent(ulong epoch, DateTimeOffset heardAt)
    {
        if (epoch < Epoch && heardAt - _epochHeardAt < EpochHolds)
            return false;

        if (epoch == Epoch)
        {
            _epochHeardAt = heardAt > _epochHeardAt ? heardAt : _epochHeardAt;
            return true;
        }

        foreach (var (pod, former) in _pods)
        {
            if (former.Report.Epoch > 0)
                _pods.Remove(pod);
        }

        (Epoch, _epochHeardAt) = (epoch, heardAt);
        return true;
    }

    private static bool SaysNew(HeardReport before, HeardReport heard)
    {
        var (old, now) = (before.Report, heard.Report);
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
            || heard.HeardAt - before.HeardAt > LiveView.QuietFor;
    }
}
