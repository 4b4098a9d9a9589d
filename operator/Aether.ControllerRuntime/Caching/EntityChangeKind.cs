namespace Aether.ControllerRuntime;

/// <summary>What happened to a cached object.</summary>
public enum EntityChangeKind
{
    /// <summary>The object is new to the cache.</summary>
    Added,

    /// <summary>The object has a new resourceVersion.</summary>
    Updated,

    /// <summary>The object was deleted: the watch reported it, or a list no longer contains it.</summary>
    Deleted,
}
