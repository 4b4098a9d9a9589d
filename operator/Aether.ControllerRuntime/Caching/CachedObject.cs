namespace Aether.ControllerRuntime;

/// <summary>An object as the cache keeps it: as text, from which each reader makes its own copy.</summary>
internal sealed record CachedObject(string ResourceVersion, string Json);
