using Microsoft.AspNetCore.Http;

namespace Aether.ControllerRuntime.Admission;

/// <summary>The message for a refused client.</summary>
/// <param name="Message">The problem and its solution.</param>
/// <param name="Code">HTTP status.</param>
public sealed record AdmissionStatus(string Message, int Code = StatusCodes.Status403Forbidden);
