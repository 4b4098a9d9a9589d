namespace Aether.Benchmarks.Systems.Grains;

/// <summary>An entity whose state Orleans keeps.</summary>
public interface IEntityGrain : IGrainWithStringKey
{
    /// <summary>Replaces the state; completes when it is stored.</summary>
    Task WriteAsync(byte[] value);
}
