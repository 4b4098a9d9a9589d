using System.Text.Json;

namespace Aether.Persistence.Contracts;

/// <summary>
/// What an agent tells the operator about itself and its world, on <see cref="WorldNames.ReportSubject"/>. Fields may
/// be added; a reader skips those it does not know, and refuses a <see cref="Version"/> that is not its own.
/// </summary>
public sealed record AgentReport
{
    /// <summary>The version of this layout.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Most bytes of a report.</summary>
    public const int MaxBytes = 4096;

    /// <summary>Most characters of <see cref="Detail"/>.</summary>
    public const int MaxDetail = 256;

    /// <summary>Most characters of <see cref="SnapshotProblem"/>.</summary>
    public const int MaxSnapshotProblem = 512;

    /// <summary>Layout of this report. Always there: one without is none.</summary>
    public required int Version { get; init; }

    /// <summary>
    /// Identity of the world that the agent serves: the UID of the WorldPersistence that first made its stores.
    /// </summary>
    public required string WorldUid { get; init; }

    /// <summary>The agent's pod; what the lease calls its holder.</summary>
    public required string Pod { get; init; }

    /// <summary>Version of the agent.</summary>
    public required string AgentVersion { get; init; }

    /// <summary>Hash of what was injected into the pod; empty if the agent does not know it.</summary>
    public required string Revision { get; init; }

    /// <summary>What it is doing.</summary>
    public required RuntimePhase Phase { get; init; }

    /// <summary>
    /// Why it is Failed or Fenced, what it waits for, or which commits it lost when it Stopped, for people; else empty.
    /// </summary>
    public required string Detail { get; init; }

    /// <summary>
    /// Why snapshots of a world that is served are not stored, for people; empty while they are, and in the reports of
    /// agents older than this field.
    /// </summary>
    public string SnapshotProblem { get; init; } = "";

    /// <summary>Its epoch; 0 before it has one.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>The last commit on its volume; 0 if the world keeps no log, or is not recovered yet.</summary>
    public required ulong DurableSequence { get; init; }

    /// <summary>The last commit in the journal; likewise.</summary>
    public required ulong ReplicatedSequence { get; init; }

    /// <summary>Commits that are not in the journal; null if the world has none, or is not recovered yet.</summary>
    public required ulong? RpoCommits { get; init; }

    /// <summary>Bytes of those commits in the log; null likewise.</summary>
    public required long? RpoBytes { get; init; }

    /// <summary>Age of the oldest of those commits; null likewise.</summary>
    public required double? RpoSeconds { get; init; }

    /// <summary>The last commit in the newest snapshot; null if there is none, or it is not known yet.</summary>
    public required ulong? SnapshotSequence { get; init; }

    /// <summary>When that snapshot was captured, by the writer's clock; null likewise.</summary>
    public required DateTimeOffset? SnapshotTime { get; init; }

    /// <summary>Bytes of the state that count against <see cref="StateLimitBytes"/>; null from older agents.</summary>
    public long? StateUsedBytes { get; init; }

    /// <summary>The limit of the state that is reached first: its quota, or the agent's memory.</summary>
    public long? StateLimitBytes { get; init; }

    /// <summary>The field that sets that limit.</summary>
    public string? StateLimitField { get; init; }

    /// <summary>
    /// Seconds for which the journal, or the store of the lease, has not answered; 0 while both do. Null: not told, by
    /// an agent from before there was this field.
    /// </summary>
    public double? JournalOutageSeconds { get; init; }

    /// <summary>Why it does not answer, for people; empty while it does.</summary>
    public string JournalProblem { get; init; } = "";

    /// <summary>Which credentials it uses; empty if its settings do not say.</summary>
    public string CredentialsRevision { get; init; } = "";

    /// <summary>Why changed settings are not in use yet, for people; empty if all are.</summary>
    public string SettingsProblem { get; init; } = "";

    /// <summary>Whether settings have changed that are read at the start only.</summary>
    public bool NeedsRestart { get; init; }

    /// <summary>When it was sent, by the agent's clock.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>The report as it is sent.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, AgentReportJson.Default.AgentReport);

    /// <summary>Reads what <see cref="Write"/> wrote; null if it is no report of this version.</summary>
    public static AgentReport? TryRead(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxBytes)
            return null;

        try
        {
            var report = JsonSerializer.Deserialize(text, AgentReportJson.Default.AgentReport);
            return report is { Version: CurrentVersion } && report.WithoutNulls() is { } whole && whole.IsSound()
                ? whole
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Texts that an older agent does not send.
    private AgentReport WithoutNulls() => this with
    {
        JournalProblem = JournalProblem ?? "",
        CredentialsRevision = CredentialsRevision ?? "",
        SettingsProblem = SettingsProblem ?? "",
    };

    // Any client that may publish for the world can have written a report, and a status has signed numbers.
    private bool IsSound() =>
        WorldUid is not null
        && Pod is { Length: > 0 }
        && AgentVersion is not null
        && Revision is not null
        && Detail is { Length: <= MaxDetail }
        && SnapshotProblem is { Length: <= MaxSnapshotProblem }
        && Enum.IsDefined(Phase)
        && Epoch <= long.MaxValue
        && DurableSequence <= long.MaxValue
        && ReplicatedSequence <= long.MaxValue
        && SnapshotSequence is null or <= long.MaxValue
        && StateUsedBytes is null or >= 0
        && StateLimitBytes is null or > 0
        && StateLimitField is null or { Length: <= MaxDetail }
        && JournalProblem is { Length: <= MaxDetail }
        && SettingsProblem is { Length: <= MaxDetail }
        && CredentialsRevision is { Length: <= MaxDetail }
        && JournalOutageSeconds is null or (>= 0 and <= int.MaxValue)
        && RpoSeconds is null or (>= 0 and <= int.MaxValue);
}
