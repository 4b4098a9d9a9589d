namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// The single statement that appends, in its variants: it moves the journal's end if the end is where the writer
/// expects, and everything else depends on that update. $1 is the epoch and $2 the end so far; $3, $4 and $5 are the
/// new end, its epoch and its digest; $6 to $12 are the blocks.
/// </summary>
internal sealed class AppendStatements(PostgresTables tables)
{
    private const string OneBlock = "(VALUES ($6, $7, $8, $9, $10, $11, $12))";
    private const string ManyBlocks = "unnest($6, $7, $8, $9, $10, $11, $12)";
    private const string Projected = ", projected_sequence = $3";

    private readonly string _one = Append(tables, OneBlock);
    private readonly string _many = Append(tables, ManyBlocks);
    private readonly string _oneUnchanged = Append(tables, OneBlock, Projected);
    private readonly string _manyUnchanged = Append(tables, ManyBlocks, Projected);
    private readonly string _manyChanged = Append(
        tables,
        ManyBlocks,
        Projected,
        $"""
        , removed AS (
          DELETE FROM {tables.CriticalState} AS held USING moved, unnest($17, $18) AS gone (kind, id)
          WHERE held.kind = gone.kind AND held.id = gone.id
        ), put AS (
          INSERT INTO {tables.CriticalState} (kind, id, version, value)
          SELECT put.* FROM moved, unnest($13, $14, $15, $16) AS put (kind, id, version, value)
          ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, value = excluded.value
        )
        """);

    /// <summary>Whether blocks are bound as arrays; true even for one block if rows change.</summary>
    public static bool TakesArrays(int blocks, CriticalRows? rows) => blocks > 1 || rows is { IsEmpty: false };

    /// <param name="blocks">Number of blocks to append.</param>
    /// <param name="rows">The changes of <c>critical_state</c>; null if the table is not maintained.</param>
    public string For(int blocks, CriticalRows? rows) => rows switch
    {
        null => blocks == 1 ? _one : _many,
        { IsEmpty: true } => blocks == 1 ? _oneUnchanged : _manyUnchanged,
        _ => _manyChanged,
    };

    private static string Append(PostgresTables tables, string blocks, string set = "", string changes = "") =>
        $"""
        WITH moved AS (
          UPDATE {tables.World}
          SET journal_last_sequence = $3, journal_last_epoch = $4, journal_digest = $5{set}
          WHERE epoch = $1 AND journal_last_sequence = $2
          RETURNING epoch
        ){changes}
        INSERT INTO {tables.JournalBlocks}
          (first_sequence, last_sequence, epoch, written_at, state_digest, block, brotli_size)
        SELECT added.first, added.last, added.epoch, added.at, added.digest, added.block, nullif(added.size, 0)
        FROM moved, {blocks} AS added (first, last, epoch, at, digest, block, size)
        """;
}
