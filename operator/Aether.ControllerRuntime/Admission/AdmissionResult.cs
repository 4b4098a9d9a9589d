using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Aether.ControllerRuntime.Admission;

/// <summary>The answer to an admission request.</summary>
public sealed record AdmissionResult
{
    private AdmissionResult()
    {
    }

    /// <summary>The request is allowed unchanged.</summary>
    public static AdmissionResult Allowed { get; } = new();

    /// <summary>Why the request is refused; null if it is allowed.</summary>
    public string? Denial { get; private init; }

    /// <summary>The HTTP status that a refused client receives.</summary>
    public int Code { get; private init; } = StatusCodes.Status200OK;

    /// <summary>The change to the object; null for none. Only a mutating webhook may return one.</summary>
    public JsonPatch? Patch { get; private init; }

    /// <summary>Warnings for the client of an allowed request.</summary>
    public ImmutableArray<string> Warnings { get; private init; } = [];

    /// <summary>Refuses the request.</summary>
    /// <param name="reason">Message for the client: the problem and its solution.</param>
    /// <param name="code">HTTP status for the client.</param>
    public static AdmissionResult Denied(string reason, int code = StatusCodes.Status403Forbidden)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new AdmissionResult { Denial = reason, Code = code };
    }

    /// <summary>Allows the request with a change; an empty patch is the same as <see cref="Allowed"/>.</summary>
    public static AdmissionResult Patched(JsonPatch patch) =>
        patch.IsEmpty ? Allowed : new AdmissionResult { Patch = patch };

    /// <summary>
    /// Allows the request with the change from <paramref name="before"/> to <paramref name="after"/>.
    /// </summary>
    public static AdmissionResult Patched(JsonNode before, JsonNode after) => Patched(JsonPatch.Between(before, after));

    /// <summary>The same answer with one more warning.</summary>
    public AdmissionResult WithWarning(string warning) => this with { Warnings = Warnings.Add(warning) };
}
