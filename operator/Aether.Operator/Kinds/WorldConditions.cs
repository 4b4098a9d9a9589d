namespace Aether.Operator.Kinds;

/// <summary>Types of the conditions that worlds and backends share.</summary>
internal static class WorldConditions
{
    /// <summary>Summarizes the other conditions.</summary>
    public const string Ready = "Ready";
}
