using System.Globalization;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// What a world's agents have reported, as its status should show it at one moment. What nobody knows is not shown as
/// if somebody did.
/// </summary>
internal sealed record LiveView
{
    /// <summary>
    /// How long an agent may be quiet before it counts as silent: it reports every 5 s, through PostgreSQL every 10 s.
    /// </summary>
    public static readonly TimeSpan QuietFor = TimeSpan.FromSeconds(30);

    private LiveView()
    {
    }

    /// <summary>What the writer does, or who else is at it; null where no agent is known of.</summary>
    public required WorldAgentPhase? Phase { get; init; }

    /// <summary>The highest epoch heard of.</summary>
    public required long? Epoch { get; init; }

    /// <summary>The pod that opened the world under it; null where that pod gave it back.</summary>
    public required string? Holder { get; init; }

    /// <summary>The writer's last report; null: none, what the status has of one still holds.</summary>
    public required HeardReport? Writer { get; init; }

    /// <summary>Seconds not in the journal; null where nobody knows, or there is no journal.</summary>
    public required double? RpoSeconds { get; init; }

    /// <summary>
    /// How many agents serve, and how many that report would be injected otherwise now; null where nobody knows.
    /// </summary>
    public required (int Ready, int Outdated)? Agents { get; init; }

    /// <summary>Whether the writer reaches the journal; null: nobody says.</summary>
    public JournalReachable? Journal { get; init; }

    /// <summary>Whether the agents report; null: there is nothing to say about that.</summary>
    public required AgentReporting? Reporting { get; init; }

    /// <summary>Another pod than the writer that is at the world; null: none.</summary>
    public required Contention? Contention { get; init; }

    /// <summary>Whether the snapshots of the agent that serves are stored; null where none serves.</summary>
    public required SnapshotStoreReachable? Snapshots { get; init; }

    /// <summary>Folds what is known of one world.</summary>
    /// <param name="status">What the world's status says, which outlives this process.</param>
    /// <param name="heard">
    /// The agents' last reports, the highest epoch heard of, and what the pod said that was fenced last.
    /// </param>
    /// <param name="channel">Whether reports come.</param>
    /// <param name="revision">What would be injected into a pod now; null: nothing.</param>
    /// <param name="now">The moment.</param>
    /// <returns>
    /// The view, null while it is unknown whether the status still holds; and when silence alone may change that.
    /// </returns>
    public static (LiveView? View, DateTimeOffset? Due) Of(
        WorldPersistenceStatus status,
        (IReadOnlyList<HeardReport> Reports, ulong Epoch, HeardReport? Fenced) heard,
        ChannelState channel,
        string? revision,
        DateTimeOffset now)
    {
        var decided = channel.Since + QuietFor;
        if (!channel.IsOpen && now < decided)
            return (null, decided);
        if (!channel.IsOpen)
            return (IsWithoutAgent(status) ? null : Unheard(status, channel), null);

        var writer = heard.Epoch == 0 ? null : heard.Reports.FirstOrDefault(item => item.Report.Epoch == heard.Epoch);
        var holder = writer switch
        {
            null => status.Holder,
            { Report.Phase: RuntimePhase.Stopped } => null,
            _ => writer.Report.Pod,
        };
        var audible = heard.Reports.Where(item => item.HeardAt + QuietFor > now).ToList();
        var isSilent = holder is not null && audible.All(item => item.Report.Pod != holder);

        if (holder is null && writer is null && audible.Count == 0 && IsStopped(status))
            return (null, null);

        // While reports did not come nobody could be heard: everybody gets the time to report again.
        if (isSilent && now < decided && status.AgentPhase != nameof(WorldAgentPhase.Silent))
            return (null, decided);

        var fenced = heard.Fenced is { } last && last.HeardAt + QuietFor > now ? last : null;
        var fading = fenced is null ? audible : audible.Append(fenced);
        var due = fading.Min(item => (DateTimeOffset?)item.HeardAt) + QuietFor;
        var view = Fold(status, heard.Epoch, writer, holder, audible, isSilent, revision);
        return (view with { Contention = Contention.Of(isSilent ? null : writer, audible, fenced) }, due);
    }

    /// <summary>How times are written into a status.</summary>
    public static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static LiveView Fold(
        WorldPersistenceStatus status,
        ulong epoch,
        HeardReport? writer,
        string? holder,
        List<HeardReport> audible,
        bool isSilent,
        string? revision)
    {
        var serving = holder is not null && writer is not null && !isSilent ? writer : null;
        var waiting = audible.Where(item => item.Report.Epoch == 0).MaxBy(item => item.Report.Phase);
        return new LiveView
        {
            Phase = serving is not null ? PhaseOf(serving)
                : waiting is not null ? PhaseOf(waiting)
                : isSilent ? WorldAgentPhase.Silent
                : writer is not null ? WorldAgentPhase.Stopped
                : null,
            Epoch = epoch > 0 ? (long)epoch : status.Epoch,
            Holder = holder,
            Writer = writer,
            RpoSeconds = isSilent ? null : writer?.Report.RpoSeconds,
            Journal = isSilent || writer is null ? null : JournalReachable.By(writer.Report, status.Profile?.Volume),
            Agents = audible.Count == 0 && holder is null && writer is null ? null : Count(audible, revision),
            Reporting = isSilent ? AgentReporting.Silent(holder!, LastHeard(writer, status))
                : serving is not null ? AgentReporting.By(serving.Report)
                : waiting is not null ? AgentReporting.By(waiting.Report)
                : writer is not null ? AgentReporting.Stopped(writer.Report)
                : null,
            Contention = null,
            Snapshots = serving is null ? null : SnapshotStoreReachable.By(serving.Report),
        };
    }

    // Left to say once reports have not come for a while.
    private static LiveView Unheard(WorldPersistenceStatus status, ChannelState channel) => new()
    {
        Phase = null,
        Epoch = status.Epoch,
        Holder = status.Holder,
        Writer = null,
        RpoSeconds = null,
        Agents = null,
        Reporting = AgentReporting.Unavailable(channel),
        Contention = null,
        Snapshots = null,
    };

    private static (int Ready, int Outdated) Count(List<HeardReport> audible, string? revision) => (
        audible.Count(item => item.Report.Phase == RuntimePhase.Running),
        audible.Count(item => item.Report.Phase != RuntimePhase.Stopped
            && (item.Report.NeedsRestart
                || (item.Report.Revision is { Length: > 0 } own && revision is not null && own != revision))));

    private static bool IsWithoutAgent(WorldPersistenceStatus status) =>
        status.Holder is null && (status.AgentPhase is null || IsStopped(status));

    private static bool IsStopped(WorldPersistenceStatus status) =>
        status.AgentPhase == nameof(WorldAgentPhase.Stopped);

    private static string LastHeard(HeardReport? writer, WorldPersistenceStatus status) =>
        writer is not null ? Text(writer.HeardAt) : status.ReportedAt ?? "it opened it";

    private static WorldAgentPhase PhaseOf(HeardReport heard) =>
        Enum.Parse<WorldAgentPhase>(heard.Report.Phase.ToString());
}
