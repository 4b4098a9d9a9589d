using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>
/// One reconcile of one object as logs and traces see it: a scope with an id of its own on every log entry, and a span
/// if anybody listens to <see cref="SourceName"/>.
/// </summary>
public sealed class ReconcilePass : IDisposable
{
    /// <summary>Name of the source of the spans.</summary>
    public const string SourceName = "Aether.ControllerRuntime";

    private static readonly ActivitySource Source = new(SourceName);

    private static readonly Func<ILogger, string, ObjectKey, string, IDisposable?> BeginScope =
        LoggerMessage.DefineScope<string, ObjectKey, string>("{Controller} {Object} {ReconcileId}");

    private readonly IDisposable? _scope;
    private readonly Activity? _span;

    private ReconcilePass(IDisposable? scope, Activity? span) => (_scope, _span) = (scope, span);

    /// <summary>Begins the scope and the span.</summary>
    internal static ReconcilePass Begin(string controller, ObjectKey key, ILogger logger)
    {
        var id = Guid.NewGuid().ToString();
        var span = Source.HasListeners() ? Source.StartActivity($"reconcile {controller}") : null;
        span?.SetTag("aether.controller.name", controller)
            .SetTag("aether.reconcile.id", id)
            .SetTag("aether.object.name", key.Name);
        if (key.Namespace is { Length: > 0 } space)
            span?.SetTag("k8s.namespace.name", space);
        return new ReconcilePass(BeginScope(logger, controller, key, id), span);
    }

    /// <summary>Notes how the reconcile ended.</summary>
    /// <param name="outcome">As the metrics name it.</param>
    /// <param name="hasFailed">Whether the reconcile failed and will be tried again after a delay.</param>
    internal void End(string outcome, bool hasFailed)
    {
        _span?.SetTag("aether.reconcile.outcome", outcome);
        if (hasFailed)
            _span?.SetTag("error.type", outcome).SetStatus(ActivityStatusCode.Error);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _span?.Dispose();
        _scope?.Dispose();
    }
}
