namespace Aether.ControllerRuntime;

/// <summary>What happened to a cached object.</summary>
public enum EntityChangeKind
{
    /// <summary>It is new to the cache.</summary>
    Added,

    /// <summary>It has another resourceVersion than before.</summary>
    Updated,

    /// <summary>It is gone, as told by the watch or found missing in a list.</summary>
    Deleted,
}
