using Aether.Persistence.Wal;

namespace Aether.Persistence.Journal;

/// <summary>Blocks on their way to the journal.</summary>
/// <param name="Batch">The blocks, in order; at least one.</param>
/// <param name="Append">Completes when the journal holds the blocks.</param>
internal readonly record struct Shipment(IReadOnlyList<LogBlock> Batch, Task Append);
