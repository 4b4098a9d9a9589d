namespace Aether.Operator.Kinds;

/// <summary>What becomes of a world's stores when the resource is deleted.</summary>
internal enum DeletionPolicy
{
    /// <summary>Everything stays, owner marks included.</summary>
    Retain,

    /// <summary>What is marked as this world's is dropped.</summary>
    Delete,
}
