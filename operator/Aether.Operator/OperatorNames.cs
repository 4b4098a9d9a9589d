using Aether.Persistence.Contracts;

namespace Aether.Operator;

/// <summary>Names that only the operator and its users need.</summary>
internal static class OperatorNames
{
    /// <summary>The operator's name: field manager, reporting controller, user agent.</summary>
    public const string Operator = "aether-operator";

    /// <summary>Finalizer of worlds.</summary>
    public const string StoresFinalizer = AetherNames.Group + "/stores";

    /// <summary>Label of backends and worlds that names their shard (<see cref="OperatorOptions.Shard"/>).</summary>
    public const string ShardLabel = AetherNames.Group + "/shard";

    /// <summary>Annotation that starts a rotation of a world's credentials, once for each new value.</summary>
    public const string RotateAnnotation = AetherNames.Group + "/rotate-credentials";

    /// <summary>Annotation, holding the world's UID, that lets a world start without the state it lost.</summary>
    public const string AcceptLossAnnotation = AetherNames.Group + "/accept-data-loss";

    /// <summary>
    /// Annotation, holding the world's UID, that lets the resource be deleted while a pod holds the world.
    /// </summary>
    public const string DeleteUnderWriterAnnotation = AetherNames.Group + "/delete-under-writer";
}
