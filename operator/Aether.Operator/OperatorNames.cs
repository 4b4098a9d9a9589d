using Aether.Persistence.Contracts;

namespace Aether.Operator;

/// <summary>Names that only the operator and its users share.</summary>
internal static class OperatorNames
{
    /// <summary>Who writes: field manager, reporting controller, user agent.</summary>
    public const string Operator = "aether-operator";

    /// <summary>Finalizer of worlds.</summary>
    public const string StoresFinalizer = AetherNames.Group + "/stores";

    /// <summary>Annotation by which a world's credentials are replaced once for each new value of it.</summary>
    public const string RotateAnnotation = AetherNames.Group + "/rotate-credentials";

    /// <summary>Annotation, holding the world's UID, by which a world may start without the state it lost.</summary>
    public const string AcceptLossAnnotation = AetherNames.Group + "/accept-data-loss";

    /// <summary>
    /// Annotation, holding the world's UID, by which the resource may go while a pod holds the world.
    /// </summary>
    public const string DeleteUnderWriterAnnotation = AetherNames.Group + "/delete-under-writer";
}
