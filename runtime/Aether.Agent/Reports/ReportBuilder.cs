using Aether.Agent.Settings;
using Aether.Agent.Worlds;
using Aether.Persistence;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;

namespace Aether.Agent.Reports;

/// <summary>Builds reports from the engine's status. Not thread-safe: there is one report at a time.</summary>
internal sealed class ReportBuilder(AgentOptions options, SettingsWatch settings, TimeProvider clock)
{
    // A snapshot that failed once is repeated within seconds, and needs no attention.
    private static readonly TimeSpan ProblemAfter = TimeSpan.FromSeconds(5);

    private long? _snapshotsFailSince;

    /// <summary>Builds the report of an agent that keeps running.</summary>
    /// <param name="status">The engine's status.</param>
    /// <param name="stopping">
    /// Whether the agent was asked to stop, so that an interrupted start is not a failure.
    /// </param>
    public AgentReport Build(RuntimeStatus status, bool stopping)
    {
        // Only the final report may say Stopped: until then this agent may still hold the lease.
        var phase = status.Phase == RuntimePhase.Stopped ? RuntimePhase.Stopping : status.Phase;
        return Build(status, stopping && phase == RuntimePhase.Failed ? RuntimePhase.Stopping : phase);
    }

    /// <summary>
    /// Builds the final report of an agent that exits. An agent whose lease is left to expire has not stopped cleanly,
    /// because the world is not free until then.
    /// </summary>
    public AgentReport BuildLast(RuntimeStatus status, ExitCode exitCode) => Build(status, exitCode switch
    {
        ExitCode.Stopped or ExitCode.Incomplete
            when status.Phase == RuntimePhase.Stopped || status.Epoch == Epoch.None => RuntimePhase.Stopped,
        ExitCode.Stopped or ExitCode.Incomplete => RuntimePhase.Stopping,
        ExitCode.Fenced => RuntimePhase.Fenced,
        _ => RuntimePhase.Failed,
    });

    private AgentReport Build(RuntimeStatus status, RuntimePhase phase)
    {
        var (used, limit, field) = FullestLimit(status);
        return new AgentReport
        {
            Version = AgentReport.CurrentVersion,
            WorldUid = options.Engine.WorldId,
            Pod = options.Engine.Holder,
            AgentVersion = AgentVersion.Text,
            Revision = options.Revision,
            Phase = phase,
            Detail = phase is RuntimePhase.Running or RuntimePhase.Stopping
                ? ""
                : Shortened(status.Detail, AgentReport.MaxDetail),
            SnapshotProblem = Shortened(SnapshotProblem(status), AgentReport.MaxSnapshotProblem),
            Epoch = status.Epoch.Value,
            DurableSequence = status.Durable.Value,
            ReplicatedSequence = status.Replicated.Value,
            RpoCommits = status.RecoveryPoint?.Commits,
            RpoBytes = status.RecoveryPoint?.Bytes,
            RpoSeconds = status.RecoveryPoint?.Age.TotalSeconds,
            SnapshotSequence = status.LastSnapshot?.Sequence.Value,
            SnapshotTime = status.LastSnapshot?.CapturedAt,
            StateUsedBytes = used,
            StateLimitBytes = limit,
            StateLimitField = field,
            JournalOutageSeconds = status.JournalOutage.TotalSeconds,
            JournalProblem = status.JournalOutage > TimeSpan.Zero ? Shortened(JournalProblemOf(status)) : "",
            CredentialsRevision = Shortened(settings.State.CredentialsRevision),
            SettingsProblem = Shortened(settings.State.Problem),
            NeedsRestart = settings.State.NeedsRestart,
            SentAt = clock.GetUtcNow(),
        };
    }

    // The limit of which the largest share is used.
    private (long Used, long Limit, string Field) FullestLimit(RuntimeStatus status)
    {
        var engine = options.Engine;
        var quota = (double)status.StateBytes / engine.MaxStateBytes;
        var memory = (double)status.StateMemoryBytes / engine.MaxStateMemoryBytes;
        return quota > memory
            ? (status.StateBytes, engine.MaxStateBytes, "spec.quota.stateBytes")
            : (status.StateMemoryBytes, engine.MaxStateMemoryBytes, "spec.agent.resources.limits.memory");
    }

    private string SnapshotProblem(RuntimeStatus status)
    {
        var failing = status.Phase is RuntimePhase.Running or RuntimePhase.Stopping
            ? status.Backends.FirstOrDefault(backend => backend is { Healthy: false, Name: "snapshots" })
            : null;
        _snapshotsFailSince = failing is null ? null : _snapshotsFailSince ?? clock.GetTimestamp();
        return _snapshotsFailSince is { } since && clock.GetElapsedTime(since) >= ProblemAfter
            ? failing!.Message
            : "";
    }

    private static string JournalProblemOf(RuntimeStatus status) =>
        status.Backends.FirstOrDefault(backend => backend is { Healthy: false, Name: "journal" or "lease" })?.Message
        ?? "no answer";

    private static string Shortened(string text, int most = AgentReport.MaxDetail) =>
        text.Length <= most ? text : text[..most];
}
