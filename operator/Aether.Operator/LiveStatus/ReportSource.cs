using Aether.Operator.Kinds;

namespace Aether.Operator.LiveStatus;

/// <summary>A source of agents' reports: one of the stores of a backend.</summary>
/// <param name="Backend">Name of the backend.</param>
/// <param name="Channel">The store.</param>
internal sealed record ReportSource(string Backend, ReportChannel Channel)
{
    /// <summary>The source of reports of the agents of <paramref name="world"/>.</summary>
    public static ReportSource Of(WorldPersistence world) => new(
        world.Spec.BackendRef.Name,
        world.Status.Stores?.ReportChannel == nameof(ReportChannel.Postgres)
            ? ReportChannel.Postgres
            : ReportChannel.Nats);

    /// <inheritdoc/>
    public override string ToString() => $"{Backend} ({Channel})";
}
