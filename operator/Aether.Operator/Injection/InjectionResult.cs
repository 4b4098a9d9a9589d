using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Aether.Operator.Injection;

/// <summary>A pod with its agent, or the reasons against injecting one.</summary>
internal sealed record InjectionResult
{
    private InjectionResult(JsonObject? pod, IReadOnlyList<string> refusals, IReadOnlyList<string> warnings)
    {
        Pod = pod;
        Refusals = refusals;
        Warnings = warnings;
    }

    /// <summary>The pod with its agent; null if it was refused.</summary>
    public JsonObject? Pod { get; }

    /// <summary>Why the pod was refused, each a sentence that says what to do; empty if it was not.</summary>
    public IReadOnlyList<string> Refusals { get; }

    /// <summary>Warnings for the creator of an injected pod.</summary>
    public IReadOnlyList<string> Warnings { get; }

    [MemberNotNullWhen(false, nameof(Pod))]
    public bool IsRefused => Pod is null;

    public static InjectionResult Injected(JsonObject pod, IReadOnlyList<string> warnings) => new(pod, [], warnings);

    public static InjectionResult Refused(IReadOnlyList<string> reasons) => new(null, reasons, []);
}
