namespace Aether.Operator.Kinds;

/// <summary>Numbers of a world's reporting agents.</summary>
internal sealed class WorldAgentsStatus
{
    public int Ready { get; set; }

    public int Outdated { get; set; }
}
