using Aether.Persistence.Migrations.World;

namespace Aether.Persistence.Migrations;

/// <summary>
/// What a world's schema must hold after each migration, so that the operator notices a dropped table. A migration that
/// changes a table also adds an entry with the table's name here: its additions are not missed before it has run. A
/// test compares all of this with the result of the migrations.
/// </summary>
public static class WorldShape
{
    private static readonly WorldTable[] Tables =
    [
        new(0, WorldVersionTable.Name, [WorldVersionTable.Version, "applied_on", "description"],
        [
            new("schema_versions_version_key", "UNIQUE (version)"),
        ]),
        new(202611220001, "world",
        [
            "id", "epoch", "holder", "volume_id", "lease_expires_at", "journal_last_sequence", "journal_last_epoch",
            "journal_digest",
        ],
        [
            new("world_pkey", "PRIMARY KEY (id)"),
            new("world_has_one_row", "CHECK (id = 1)"),
            new("world_digest_size", "CHECK (octet_length(journal_digest) = 16)"),
        ]),
        new(202611220001, "epochs", ["epoch", "holder", "volume_id", "opened_at"],
        [
            new("epochs_pkey", "PRIMARY KEY (epoch)"),
        ]),
        new(202611220002, "journal_blocks",
            ["first_sequence", "last_sequence", "epoch", "written_at", "state_digest", "block"],
        [
            new("journal_blocks_pkey", "PRIMARY KEY (first_sequence)"),
            new("journal_blocks_last_sequence_key", "UNIQUE (last_sequence)"),
            new("journal_blocks_order", "CHECK (first_sequence >= 1 AND last_sequence >= first_sequence)"),
            new("journal_blocks_digest_size", "CHECK (octet_length(state_digest) = 16)"),
        ]),
        new(202611220003, "snapshots", ["sequence", "epoch", "captured_at", "state_digest", "keys", "format_version"],
        [
            new("snapshots_pkey", "PRIMARY KEY (sequence, epoch)"),
            new("snapshots_digest_size", "CHECK (octet_length(state_digest) = 16)"),
        ]),
        new(202611220003, "snapshot_chunks", ["sequence", "epoch", "ordinal", "data"],
        [
            new("snapshot_chunks_pkey", "PRIMARY KEY (sequence, epoch, ordinal)"),
            new("snapshot_chunks_manifest",
                "FOREIGN KEY (sequence, epoch) REFERENCES {schema}.snapshots (sequence, epoch) "
                + "ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"),
        ]),
        new(202611220004, "journal_blocks", ["brotli_size"],
        [
            new("journal_blocks_size", "CHECK (octet_length(block) <= 33554432 AND brotli_size <= 33554432)"),
        ]),
        new(202611230001, "critical_state", ["kind", "id", "version", "value"],
        [
            new("critical_state_pkey", "PRIMARY KEY (kind, id)"),
        ]),
        new(202611230001, "world", ["projected_kinds", "projected_sequence"], []),
        new(JournalPartitions.Since, "journal_blocks",
            ["first_sequence", "last_sequence", "epoch", "written_at", "state_digest", "block", "brotli_size"],
        [
            new("journal_blocks_pkey", "PRIMARY KEY (last_sequence)"),
            new("journal_blocks_order", "CHECK (first_sequence >= 1 AND last_sequence >= first_sequence)"),
            new("journal_blocks_digest_size", "CHECK (octet_length(state_digest) = 16)"),
            new("journal_blocks_size", "CHECK (octet_length(block) <= 33554432 AND brotli_size <= 33554432)"),
        ])
        {
            Replaces = true,
        },
        new(202611230101, "diverged_tails",
        [
            "number", "volume_id", "epoch", "first_sequence", "last_sequence", "folder", "overtaken_by", "found_at",
        ],
        [
            new("diverged_tails_pkey", "PRIMARY KEY (number)"),
            new("diverged_tails_once", "UNIQUE (volume_id, epoch, first_sequence)"),
        ]),
        new(M202611300021_LooseChunks.Since, "snapshot_chunks", ["sequence", "epoch", "ordinal", "data"],
        [
            new("snapshot_chunks_pkey", "PRIMARY KEY (sequence, epoch, ordinal)"),
        ])
        {
            Replaces = true,
        },
        new(M202611300141_CreateAgentReports.Since, "agent_reports", ["pod", "sent_at", "report"],
        [
            new("agent_reports_pkey", "PRIMARY KEY (pod)"),
            new("agent_reports_pod_size", "CHECK (octet_length(pod) <= 253)"),
            new("agent_reports_size", "CHECK (octet_length(report) <= 4096)"),
        ])
        {
            Definition = M202611300141_CreateAgentReports.DefinitionOf("{schema}.\"agent_reports\""),
        },
    ];

    private static readonly WorldFunction[] Functions = [JournalPartitions.Make, JournalPartitions.Drop];

    /// <summary>The tables that must exist once <paramref name="versions"/> were applied.</summary>
    public static IReadOnlyList<WorldTable> After(IReadOnlyCollection<long> versions) =>
    [
        .. Tables.Where(table => table.Since == 0 || versions.Contains(table.Since))
            .GroupBy(table => table.Name)
            .Select(parts => parts.Aggregate((table, part) => part.Replaces ? part : table with
            {
                Columns = [.. table.Columns, .. part.Columns],
                Constraints = [.. table.Constraints, .. part.Constraints],
            })),
    ];

    /// <summary>The functions that must exist then. They hold no state, so a missing one is recreated.</summary>
    public static IReadOnlyList<WorldFunction> FunctionsAfter(IReadOnlyCollection<long> versions) =>
        [.. Functions.Where(function => versions.Contains(function.Since))];
}
