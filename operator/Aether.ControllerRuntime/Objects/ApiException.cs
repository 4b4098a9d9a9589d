using System.Net;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>The API server refused a request; its status object says why.</summary>
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

    /// <summary>The object does not exist.</summary>
    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>The client lacks the rights for the request.</summary>
    public bool IsForbidden => Code == HttpStatusCode.Forbidden;

    /// <summary>An object of that name already exists.</summary>
    public bool IsAlreadyExists => Code == HttpStatusCode.Conflict && Status.Reason == "AlreadyExists";

    /// <summary>The object has changed since it was read: read it again, then decide again.</summary>
    public bool IsConflict => Code == HttpStatusCode.Conflict && Status.Reason != "AlreadyExists";

    /// <summary>The API server no longer keeps the requested version: list again.</summary>
    public bool IsGone => Code == HttpStatusCode.Gone;

    /// <summary>The object or the patch is invalid: retrying does not help.</summary>
    public bool IsInvalid => Code is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest;
}
