using Aether.ControllerRuntime.Tests.Widgets;

namespace Aether.ControllerRuntime.Tests.Reconciliation;

/// <summary>Does what the test says.</summary>
internal sealed class WidgetFinalizer(
    string identifier, Func<Widget, CancellationToken, Task<ReconcileResult>> finalize) : IEntityFinalizer<Widget>
{
    public string Identifier => identifier;

    public Task<ReconcileResult> FinalizeAsync(Widget entity, CancellationToken cancellationToken) =>
        finalize(entity, cancellationToken);
}
