using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>
/// The logging scope and the span of one reconcile. The scope adds the reconcile's own id to every log entry; the span
/// exists only if a listener subscribes to <see cref="SourceName"/>.
/// </summary>
public sealed class ReconcileScope : IDisposable
{
    /// <summary>The name of the activity source of the spans.</summary>
    public const string SourceName = "Aether.ControllerRuntime";

    private static readonly ActivitySource Source = new(SourceName);

    private static readonly Func<ILogger, string, ObjectKey, string, IDisposable?> BeginScope =
        LoggerMessage.DefineScope<string, ObjectKey, string>("{Controller} {Object} {ReconcileId}");

    private readonly IDisposable? _scope;
    private readonly Activity? _span;

    private ReconcileScope(IDisposable? scope, Activity? span) => (_scope, _span) = (scope, span);

    /// <summary>Begins the scope and the span.</summary>
    internal static ReconcileScope Begin(string controller, ObjectKey key, ILogger logger)
    {
        var id = Guid.NewGuid().ToString();
        var span = Source.HasListeners() ? Source.StartActivity($"reconcile {controller}") : null;
        span?.SetTag("aether.controller.name", controller)
            .SetTag("aether.reconcile.id", id)
            .SetTag("aether.object.name", key.Name);
        if (key.Namespace is { Length: > 0 } space)
            span?.SetTag("k8s.namespace.name", space);
        return new ReconcileScope(BeginScope(logger, controller, key, id), span);
    }

    /// <summary>Tags the span with the outcome.</summary>
    internal void End(ReconcileOutcome outcome)
    {
        if (_span is null)
            return;

        var label = MetricLabel.Of(outcome);
        _span.SetTag("aether.reconcile.outcome", label);
        if (outcome is ReconcileOutcome.Failed or ReconcileOutcome.Error)
            _span.SetTag("error.type", label).SetStatus(ActivityStatusCode.Error);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _span?.Dispose();
        _scope?.Dispose();
    }
}
