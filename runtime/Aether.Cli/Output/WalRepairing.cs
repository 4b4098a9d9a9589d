using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>The output of <c>wal repair</c>.</summary>
internal sealed record WalRepairing(string Volume, string World, bool Done, RepairPlan Plan);
