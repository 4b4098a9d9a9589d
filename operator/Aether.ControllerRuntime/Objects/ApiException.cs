using System.Net;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>The API server refused a request, and says why in a status object.</summary>
public sealed class ApiException : Exception
{
    internal ApiException(string request, HttpStatusCode code, V1Status status)
        : base($"The API server answered {(int)code} {status.Reason} to {request}: {status.Message}")
    {
        Code = code;
        Status = status;
    }

    /// <summary>The HTTP status code.</summary>
    public HttpStatusCode Code { get; }

    /// <summary>The status object as sent, with reason, message and details.</summary>
    public V1Status Status { get; }

    /// <summary>There is no such object.</summary>
    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>The rights to do that are missing.</summary>
    public bool IsForbidden => Code == HttpStatusCode.Forbidden;

    /// <summary>The name is taken.</summary>
    public bool IsAlreadyExists => Code == HttpStatusCode.Conflict && Status.Reason == "AlreadyExists";

    /// <summary>The object changed since it was read: read again, decide again.</summary>
    public bool IsConflict => Code == HttpStatusCode.Conflict && Status.Reason != "AlreadyExists";

    /// <summary>The version asked for is no longer kept: list again.</summary>
    public bool IsGone => Code == HttpStatusCode.Gone;

    /// <summary>The object or the patch is not valid: trying again does not help.</summary>
    public bool IsInvalid => Code is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest;
}
