namespace Aether.ControllerRuntime;

/// <summary>A cached object as JSON text, from which each reader deserializes its own copy.</summary>
internal sealed record CachedObject(string ResourceVersion, string Json);
