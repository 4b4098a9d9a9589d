namespace Aether.Benchmarks.Systems.Grains;

/// <summary>The state of an entity.</summary>
[GenerateSerializer]
public sealed class EntityValue
{
    /// <summary>Its bytes.</summary>
    [Id(0)]
    public byte[] Bytes { get; set; } = [];
}
