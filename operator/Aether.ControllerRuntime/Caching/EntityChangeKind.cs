namespace Aether.ControllerRuntime;

/// <summary>What happened to a cached object.</summary>
public enum EntityChangeKind
{
    /// <summary>It is new to the cache.</summary>
    Added,

    /// <summary>It has another resourceVersion than before.</summary>
    Updated,

    /// <summary>It was deleted: the watch reported it, or a list no longer has it.</summary>
    Deleted,
}
