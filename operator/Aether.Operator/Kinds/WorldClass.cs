namespace Aether.Operator.Kinds;

/// <summary>How much a world's state matters; the defaults of most settings follow from it.</summary>
internal enum WorldClass
{
    /// <summary>State outlives pods, nodes and volumes: written ahead, journaled, kept on deletion.</summary>
    Durable,

    /// <summary>State is worth a cheap snapshot and no more.</summary>
    Ephemeral,
}
