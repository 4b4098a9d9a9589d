using System.Globalization;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Decides when a world's credentials are replaced. First both are in the world's Secret while the stores take the
/// former ones; once every agent has read them, or after <see cref="Overlap"/>, the stores go over to the new ones;
/// then the former ones leave the Secret. An agent that is refused with the one tries the other. (ADR 0034.)
/// </summary>
internal sealed class CredentialRotation(LatestReports reports, TimeProvider clock)
{
    /// <summary>
    /// Longest that new credentials wait for agents that do not say that they have them. The kubelet brings a changed
    /// Secret into a pod within about two minutes.
    /// </summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    /// <summary>How often it is asked whether the agents have them.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>What to do next with the credentials that are in the world's Secret.</summary>
    public RotationStep Next(WorldPersistence world, WorldCredentials current)
    {
        if (world.Status.Stores?.SchemaProvisioned != true)
            return RotationStep.None;
        var begun = Time(world.Status.Credentials?.RotatingSince);
        if (!current.HasNext && begun is not null)
            return RotationStep.Record;
        if (!current.HasNext)
            return IsDue(world) ? RotationStep.Announce : RotationStep.None;

        // The stores change only after the status shows the rotation. Otherwise, if the write of the status failed at
        // the end, the next pass would find no trace of the rotation and begin another one for the same request.
        if (begun is not { } since)
        {
            Begin(world);
            return RotationStep.Wait;
        }

        var agents = Audible(ObjectKey.Of(world));
        if (agents.Any(IsTooOld))
            return RotationStep.Wait;
        return clock.GetUtcNow() - since >= Overlap || HaveAll(agents, current.Revision)
            ? RotationStep.Switch
            : RotationStep.Wait;
    }

    /// <summary>Notes that new credentials are in the Secret beside those in force.</summary>
    public void Begin(WorldPersistence world) =>
        (world.Status.Credentials ??= new WorldCredentialsStatus()).RotatingSince = LiveView.Text(clock.GetUtcNow());

    /// <summary>Notes that only the new credentials are in force.</summary>
    public void End(WorldPersistence world, string revision) => world.Status.Credentials = new WorldCredentialsStatus
    {
        Revision = revision,
        RotatedAt = LiveView.Text(clock.GetUtcNow()),
        Request = RequestOf(world),
    };

    private bool IsDue(WorldPersistence world)
    {
        var status = world.Status.Credentials;
        if (RequestOf(world) is { } request && request != status?.Request)
            return true;
        if (world.Spec.Credentials.RotateEvery is not { } every)
            return false;

        var last = Time(status?.RotatedAt) ?? world.Metadata.CreationTimestamp?.ToUniversalTime() ?? clock.GetUtcNow();
        return clock.GetUtcNow() - last >= GoDuration.Parse(every);
    }

    private List<AgentReport> Audible(ObjectKey world)
    {
        var now = clock.GetUtcNow();
        return
        [
            .. reports.Read(world).Reports
                .Where(heard => heard.HeardAt + LiveView.QuietFor > now && heard.Report.Phase != RuntimePhase.Stopped)
                .Select(heard => heard.Report),
        ];
    }

    // An agent from before it read its settings again would be cut off for good: its pod has to be recreated first.
    private static bool IsTooOld(AgentReport report) => report.JournalOutageSeconds is null;

    // Without any report nobody knows who uses them: then the overlap passes.
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
