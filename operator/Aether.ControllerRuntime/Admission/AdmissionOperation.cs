namespace Aether.ControllerRuntime.Admission;

/// <summary>What somebody asks the API server to do with an object.</summary>
public enum AdmissionOperation
{
    /// <summary>Create it.</summary>
    Create,

    /// <summary>Change it.</summary>
    Update,

    /// <summary>Delete it.</summary>
    Delete,

    /// <summary>Connect to it, as exec and proxy do.</summary>
    Connect,
}
