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

    /// <summary>The request may go on as it is.</summary>
    public static AdmissionResult Allowed { get; } = new();

    /// <summary>Why the request is refused; null if it is allowed.</summary>
    public string? Denial { get; private init; }

    /// <summary>The HTTP status the refused client sees.</summary>
    public int Code { get; private init; } = StatusCodes.Status200OK;

    /// <summary>How the object must change; null if it stays. Only a mutating webhook may give one.</summary>
    public JsonPatch? Patch { get; private init; }

    /// <summary>Warnings for the client, although the request continues.</summary>
    public ImmutableArray<string> Warnings { get; private init; } = [];

    /// <summary>Refuses the request.</summary>
    /// <param name="reason">Shown to the client: what is wrong and what to do.</param>
    /// <param name="code">HTTP status for the client.</param>
    public static AdmissionResult Denied(string reason, int code = StatusCodes.Status403Forbidden)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new AdmissionResult { Denial = reason, Code = code };
    }

    /// <summary>Allows the request with a change; an empty patch is the same as <see cref="Allowed"/>.</summary>
    public static AdmissionResult Patched(JsonPatch patch) =>
        patch.IsEmpty ? Allowed : new AdmissionResult { Patch = patch };

    /// <summary>Allows the request with the change that turns <paramref name="before"/> into the other.</summary>
    public static AdmissionResult Patched(JsonNode before, JsonNode after) => Patched(JsonPatch.Between(before, after));

    /// <summary>The same answer with a warning more.</summary>
    public AdmissionResult WithWarning(string warning) => this with { Warnings = Warnings.Add(warning) };
}
