namespace Aether.ControllerRuntime;

/// <summary>The verbs of the API server.</summary>
[Flags]
public enum RbacVerb
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read one object.</summary>
    Get = 1,

    /// <summary>Read all objects.</summary>
    List = 2,

    /// <summary>Follow changes.</summary>
    Watch = 4,

    /// <summary>Create objects.</summary>
    Create = 8,

    /// <summary>Replace objects.</summary>
    Update = 16,

    /// <summary>Change parts of objects.</summary>
    Patch = 32,

    /// <summary>Delete objects.</summary>
    Delete = 64,
}
