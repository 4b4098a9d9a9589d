using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>What <c>wal repair</c> says.</summary>
internal sealed record WalRepairing(string Volume, string World, bool Done, RepairPlan Plan);
