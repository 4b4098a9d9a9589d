using Aether.ControllerRuntime.Tests.Widgets;

namespace Aether.ControllerRuntime.Tests.Reconciliation;

/// <summary>Runs the test's code.</summary>
internal sealed class WidgetFinalizer(
    Func<Widget, CancellationToken, Task<ReconciliationResult<Widget>>> finalize) : IEntityFinalizer<Widget>
{
    public Task<ReconciliationResult<Widget>> FinalizeAsync(Widget entity, CancellationToken cancellationToken) =>
        finalize(entity, cancellationToken);
}
