using System.Text.Json;

namespace Aether.Persistence.Contracts;

/// <summary>
/// What an agent reports to the operator about itself and its world, on <see cref="WorldNames.ReportSubject"/>. Fields
/// may be added: a reader ignores unknown fields, and rejects a <see cref="Version"/> other than its own.
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

    /// <summary>Version of the layout. Required: a text without it is not a report.</summary>
    public required int Version { get; init; }

    /// <summary>Identity of the world: the UID of the WorldPersistence that first created its stores.</summary>
    public required string WorldUid { get; init; }

    /// <summary>The agent's pod, which is also the holder in the lease.</summary>
    public required string Pod { get; init; }

    /// <summary>Version of the agent.</summary>
    public required string AgentVersion { get; init; }

    /// <summary>Hash of what was injected into the pod; empty if the agent does not know it.</summary>
    public required string Revision { get; init; }

    /// <summary>What the agent is doing.</summary>
    public required RuntimePhase Phase { get; init; }

    /// <summary>
    /// Why the agent is Failed or Fenced, what it waits for, or which commits it lost when it stopped, in words; else
    /// empty.
    /// </summary>
    public required string Detail { get; init; }

    /// <summary>
    /// Why snapshots of a served world are not stored, in words; empty while they are, and in reports of older agents.
    /// </summary>
    public string SnapshotProblem { get; init; } = "";

    /// <summary>The agent's epoch; 0 before it has one.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>The last commit on the volume; 0 if the world has no log or is not recovered yet.</summary>
    public required ulong DurableSequence { get; init; }

    /// <summary>The last commit in the journal; 0 if the world has no journal or is not recovered yet.</summary>
    public required ulong ReplicatedSequence { get; init; }

    /// <summary>
    /// Number of commits that are not in the journal; null if the world has no journal or is not recovered yet.
    /// </summary>
    public required ulong? RpoCommits { get; init; }

    /// <summary>Bytes of those commits in the log; null if <see cref="RpoCommits"/> is.</summary>
    public required long? RpoBytes { get; init; }

    /// <summary>Age of the oldest of those commits; null if <see cref="RpoCommits"/> is.</summary>
    public required double? RpoSeconds { get; init; }

    /// <summary>The last commit in the newest snapshot; null if there is none or it is not known yet.</summary>
    public required ulong? SnapshotSequence { get; init; }

    /// <summary>
    /// When that snapshot was captured, by the writer's clock; null if there is none or it is not known yet.
    /// </summary>
    public required DateTimeOffset? SnapshotTime { get; init; }

    /// <summary>Bytes of the state that count against <see cref="StateLimitBytes"/>; null from older agents.</summary>
    public long? StateUsedBytes { get; init; }

    /// <summary>The limit that the state will reach first: its quota, or the agent's memory.</summary>
    public long? StateLimitBytes { get; init; }

    /// <summary>The field that sets that limit.</summary>
    public string? StateLimitField { get; init; }

    /// <summary>
    /// For how many seconds the journal, or the store of the lease, has not answered; 0 while both answer. Null: the
    /// agent is older than this field.
    /// </summary>
    public double? JournalOutageSeconds { get; init; }

    /// <summary>Why that store does not answer, in words; empty while it does.</summary>
    public string JournalProblem { get; init; } = "";

    /// <summary>Revision of the credentials in use; empty if the settings do not name one.</summary>
    public string CredentialsRevision { get; init; } = "";

    /// <summary>Why changed settings are not in use yet, in words; empty if all are in use.</summary>
    public string SettingsProblem { get; init; } = "";

    /// <summary>Whether settings have changed that are only read at the start.</summary>
    public bool NeedsRestart { get; init; }

    /// <summary>When the report was sent, by the agent's clock.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>Encodes the report.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, AgentReportJson.Default.AgentReport);

    /// <summary>Reads the output of <see cref="Write"/>; null if it is not a report of this version.</summary>
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

    // Older agents do not send these texts.
    private AgentReport WithoutNulls() => this with
    {
        JournalProblem = JournalProblem ?? "",
        CredentialsRevision = CredentialsRevision ?? "",
        SettingsProblem = SettingsProblem ?? "",
    };

    // Any client that may publish for the world could have written a report, and numbers in a status are signed.
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
