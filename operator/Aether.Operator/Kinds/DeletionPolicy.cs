namespace Aether.Operator.Kinds;

/// <summary>How a world's stores are treated when the resource is deleted.</summary>
internal enum DeletionPolicy
{
    /// <summary>Keep all objects, including owner marks.</summary>
    Retain,

    /// <summary>Drop the objects with this world's mark.</summary>
    Delete,
}
