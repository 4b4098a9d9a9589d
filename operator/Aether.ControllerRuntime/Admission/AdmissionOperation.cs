namespace Aether.ControllerRuntime.Admission;

/// <summary>The operation that a client requests on an object.</summary>
public enum AdmissionOperation
{
    /// <summary>Create the object.</summary>
    Create,

    /// <summary>Change the object.</summary>
    Update,

    /// <summary>Delete the object.</summary>
    Delete,

    /// <summary>Connect to the object, as exec and proxy do.</summary>
    Connect,
}
