namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// The quoted, qualified names of a world's tables and functions, which do not depend on the role's search_path.
/// </summary>
internal sealed class PostgresTables(string schema)
{
    public string World { get; } = Qualify(schema, "world");

    public string Epochs { get; } = Qualify(schema, "epochs");

    public string JournalBlocks { get; } = Qualify(schema, "journal_blocks");

    public string Snapshots { get; } = Qualify(schema, "snapshots");

    public string SnapshotChunks { get; } = Qualify(schema, "snapshot_chunks");

    public string DivergedTails { get; } = Qualify(schema, "diverged_tails");

    public string AgentReports { get; } = Qualify(schema, "agent_reports");

    public string CriticalState { get; } = Qualify(schema, "critical_state");

    /// <summary>The function that creates partitions of the journal.</summary>
    public string MakeJournalPartitions { get; } = Qualify(schema, "make_journal_partitions");

    /// <summary>The function that drops partitions of the journal.</summary>
    public string DropJournalPartitions { get; } = Qualify(schema, "drop_journal_partitions");

    private static string Qualify(string schema, string name) =>
        $"\"{schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\".\"{name}\"";
}
