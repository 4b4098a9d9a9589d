using System.Globalization;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The reports of a world's agents at one moment, as the world's status should show them. Unknown values are null
/// rather than guessed.
/// </summary>
internal sealed record LiveView
{
    /// <summary>
    /// How long an agent may go without a report before it counts as silent. Agents report every 5 s, through
    /// PostgreSQL every 10 s.
    /// </summary>
    public static readonly TimeSpan QuietFor = TimeSpan.FromSeconds(30);

    private LiveView()
    {
    }

    /// <summary>The phase of the writer, or of a pod that waits for the world; null if no agent is known.</summary>
    public required WorldAgentPhase? Phase { get; init; }

    /// <summary>The highest known epoch.</summary>
    public required long? Epoch { get; init; }

    /// <summary>The pod that opened the world under that epoch; null if it released the world.</summary>
    public required string? Holder { get; init; }

    /// <summary>The writer's last report; null for none, so that the status keeps its values.</summary>
    public required ReceivedReport? Writer { get; init; }

    /// <summary>
    /// Age in seconds of the oldest commit that is not in the journal; null if it is unknown, or there is no journal.
    /// </summary>
    public required double? RpoSeconds { get; init; }

    /// <summary>How many agents serve, and how many are outdated; null if unknown.</summary>
    public required (int Ready, int Outdated)? Agents { get; init; }

    /// <summary>Whether the writer reaches the journal; null if unknown.</summary>
    public JournalReachable? Journal { get; init; }

    /// <summary>Whether the agents report; null leaves the condition as it is.</summary>
    public required AgentReporting? Reporting { get; init; }

    /// <summary>A second pod that wants or had the world; null for none.</summary>
    public required Contention? Contention { get; init; }

    /// <summary>Whether the serving agent's snapshots are stored; null if no agent serves.</summary>
    public required SnapshotStoreReachable? Snapshots { get; init; }

    /// <summary>Builds the view of one world.</summary>
    /// <param name="status">The world's status, which survives a restart of the operator.</param>
    /// <param name="known">
    /// The agents' last reports, the highest known epoch, and the last report of the pod that was fenced last.
    /// </param>
    /// <param name="channel">Whether reports arrive.</param>
    /// <param name="revision">The revision that would be injected into a pod now; null for none.</param>
    /// <param name="now">The moment.</param>
    /// <returns>
    /// The view, or null while it is unknown whether the status is still right; and the time at which missing reports
    /// alone may change it.
    /// </returns>
    public static (LiveView? View, DateTimeOffset? Due) Of(
        WorldPersistenceStatus status,
        (IReadOnlyList<ReceivedReport> Reports, ulong Epoch, ReceivedReport? Fenced) known,
        ChannelState channel,
        string? revision,
        DateTimeOffset now)
    {
        var decided = channel.Since + QuietFor;
        if (!channel.IsOpen && now < decided)
            return (null, decided);
        if (!channel.IsOpen)
            return (IsWithoutAgent(status) ? null : Unavailable(status, channel), null);

        var writer = known.Epoch == 0 ? null : known.Reports.FirstOrDefault(item => item.Report.Epoch == known.Epoch);
        var holder = writer switch
        {
            null => status.Holder,
            { Report.Phase: RuntimePhase.Stopped } => null,
            _ => writer.Report.Pod,
        };
        var recent = known.Reports.Where(item => item.ReceivedAt + QuietFor > now).ToList();
        var isSilent = holder is not null && recent.All(item => item.Report.Pod != holder);

        if (holder is null && writer is null && recent.Count == 0 && IsStopped(status))
            return (null, null);

        // While no reports arrived, every agent would have looked silent: give all of them time to report again.
        if (isSilent && now < decided && status.AgentPhase != nameof(WorldAgentPhase.Silent))
            return (null, decided);

        var fenced = known.Fenced is { } last && last.ReceivedAt + QuietFor > now ? last : null;
        var fading = fenced is null ? recent : recent.Append(fenced);
        var due = fading.Min(item => (DateTimeOffset?)item.ReceivedAt) + QuietFor;
        var view = Fold(status, known.Epoch, writer, holder, recent, isSilent, revision);
        return (view with { Contention = Contention.Of(isSilent ? null : writer, recent, fenced) }, due);
    }

    /// <summary>A time in the status' notation.</summary>
    public static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static LiveView Fold(
        WorldPersistenceStatus status,
        ulong epoch,
        ReceivedReport? writer,
        string? holder,
        List<ReceivedReport> recent,
        bool isSilent,
        string? revision)
    {
        var serving = holder is not null && writer is not null && !isSilent ? writer : null;
        var waiting = recent.Where(item => item.Report.Epoch == 0).MaxBy(item => item.Report.Phase);
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
            Agents = recent.Count == 0 && holder is null && writer is null ? null : Count(recent, revision),
            Reporting = isSilent ? AgentReporting.Silent(holder!, LastReceived(writer, status))
                : serving is not null ? AgentReporting.By(serving.Report)
                : waiting is not null ? AgentReporting.By(waiting.Report)
                : writer is not null ? AgentReporting.Stopped(writer.Report)
                : null,
            Contention = null,
            Snapshots = serving is null ? null : SnapshotStoreReachable.By(serving.Report),
        };
    }

    // The view once reports have not arrived for a while.
    private static LiveView Unavailable(WorldPersistenceStatus status, ChannelState channel) => new()
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

    private static (int Ready, int Outdated) Count(List<ReceivedReport> recent, string? revision) => (
        recent.Count(item => item.Report.Phase == RuntimePhase.Running),
        recent.Count(item => item.Report.Phase != RuntimePhase.Stopped
            && (item.Report.NeedsRestart
                || (item.Report.Revision is { Length: > 0 } own && revision is not null && own != revision))));

    private static bool IsWithoutAgent(WorldPersistenceStatus status) =>
        status.Holder is null && (status.AgentPhase is null || IsStopped(status));

    private static bool IsStopped(WorldPersistenceStatus status) =>
        status.AgentPhase == nameof(WorldAgentPhase.Stopped);

    private static string LastReceived(ReceivedReport? writer, WorldPersistenceStatus status) =>
        writer is not null ? Text(writer.ReceivedAt) : status.ReportedAt ?? "it opened the world";

    private static WorldAgentPhase PhaseOf(ReceivedReport received) =>
        Enum.Parse<WorldAgentPhase>(received.Report.Phase.ToString());
}
