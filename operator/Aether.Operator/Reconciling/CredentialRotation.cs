using System.Globalization;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Decides when a world's credentials are replaced. First, the world's Secret holds both, while the stores accept the
/// former ones. Once every agent has read them, or after <see cref="Overlap"/>, the stores switch to the new ones, and
/// the former ones are removed from the Secret. An agent that is refused with one set tries the other. (ADR 0034.)
/// </summary>
internal sealed class CredentialRotation(LatestReports reports, TimeProvider clock)
{
    /// <summary>
    /// How long new credentials wait at most for agents that do not report to have read them. The kubelet updates a
    /// changed Secret in a pod within about two minutes.
    /// </summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    /// <summary>How often to check whether the agents have read the new credentials.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    // Timers cannot wait for a year.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>The next step for the credentials in the world's Secret.</summary>
    public RotationStep Next(WorldPersistence world, WorldCredentials current)
    {
        if (world.Status.Stores?.SchemaProvisioned != true)
            return RotationStep.None;
        var begun = Time(world.Status.Credentials?.RotatingSince);
        if (!current.HasNext && begun is not null)
            return RotationStep.Record;
        if (!current.HasNext)
            return IsDue(world) ? RotationStep.Announce : RotationStep.None;

        // The stores must not switch before the status shows the rotation. Otherwise, if the status write at the end
        // failed, the next reconcile would not know of the rotation and would begin another one for the same request.
        if (begun is not { } since)
        {
            Begin(world);
            return RotationStep.Wait;
        }

        var agents = RecentReports(ObjectKey.Of(world));
        if (agents.Any(IsTooOld))
            return RotationStep.Wait;
        return clock.GetUtcNow() - since >= Overlap || HaveAll(agents, current.Revision)
            ? RotationStep.Switch
            : RotationStep.Wait;
    }

    /// <summary>How long until the schedule rotates the world's credentials; null without a schedule.</summary>
    public TimeSpan? DueIn(WorldPersistence world)
    {
        if (DueAt(world) is not { } due)
            return null;
        var remaining = due - clock.GetUtcNow();
        return remaining < Pause ? Pause : remaining > LongestWait ? LongestWait : remaining;
    }

    /// <summary>Records that the Secret holds new credentials beside the current ones.</summary>
    public void Begin(WorldPersistence world) =>
        (world.Status.Credentials ??= new WorldCredentialsStatus()).RotatingSince = LiveView.Text(clock.GetUtcNow());

    /// <summary>Records that only the new credentials are valid.</summary>
    public void End(WorldPersistence world, string revision) => world.Status.Credentials = new WorldCredentialsStatus
    {
        Revision = revision,
        RotatedAt = LiveView.Text(clock.GetUtcNow()),
        Request = RequestOf(world),
    };

    private bool IsDue(WorldPersistence world)
    {
        if (RequestOf(world) is { } request && request != world.Status.Credentials?.Request)
            return true;
        return DueAt(world) <= clock.GetUtcNow();
    }

    private DateTimeOffset? DueAt(WorldPersistence world)
    {
        if (world.Spec.Credentials.RotateEvery is not { } every)
            return null;
        var last = Time(world.Status.Credentials?.RotatedAt)
            ?? world.Metadata.CreationTimestamp?.ToUniversalTime()
            ?? clock.GetUtcNow();
        return last + GoDuration.Parse(every);
    }

    private List<AgentReport> RecentReports(ObjectKey world)
    {
        var now = clock.GetUtcNow();
        return
        [
            .. reports.Read(world).Reports
                .Where(item => item.ReceivedAt + LiveView.QuietFor > now && item.Report.Phase != RuntimePhase.Stopped)
                .Select(item => item.Report),
        ];
    }

    // An agent of a version that does not reread its settings would be locked out by the switch: its pod must be
    // recreated first.
    private static bool IsTooOld(AgentReport report) => report.JournalOutageSeconds is null;

    // Without any report it is unknown which agents have read them: wait for the whole overlap.
    private static bool HaveAll(List<AgentReport> agents, string revision) =>
        agents.Count > 0 && agents.TrueForAll(report => report.CredentialsRevision == revision);

    private static string? RequestOf(WorldPersistence world) =>
        world.Metadata.Annotations?.TryGetValue(OperatorNames.RotateAnnotation, out var request) == true
            && request.Length > 0
                ? request
                : null;

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
}
