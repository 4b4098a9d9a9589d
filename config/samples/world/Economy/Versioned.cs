namespace Aether.Samples.World.Economy;

/// <summary>A value and the sequence of the commit that wrote it.</summary>
internal sealed record Versioned<T>(T Value, ulong Version);
