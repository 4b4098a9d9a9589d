using Microsoft.AspNetCore.Http;

namespace Aether.ControllerRuntime.Admission;

/// <summary>The message that the refused client gets.</summary>
/// <param name="Message">What is wrong, and what to do.</param>
/// <param name="Code">HTTP status.</param>
public sealed record AdmissionStatus(string Message, int Code = StatusCodes.Status403Forbidden);
