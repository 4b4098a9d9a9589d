namespace Aether.Operator.Kinds;

/// <summary>Types of the conditions that worlds and backends share.</summary>
internal static class WorldConditions
{
    /// <summary>Sums the others up.</summary>
    public const string Ready = "Ready";
}
