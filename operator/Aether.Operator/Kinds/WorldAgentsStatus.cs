namespace Aether.Operator.Kinds;

/// <summary>How many of a world's agents report.</summary>
internal sealed class WorldAgentsStatus
{
    public int Ready { get; set; }

    public int Outdated { get; set; }
}
