using Aether.Operator.Kinds;

namespace Aether.Operator.LiveStatus;

/// <summary>Where agents report: one of the stores of a backend.</summary>
/// <param name="Backend">Name of the backend.</param>
/// <param name="Channel">Which of its stores.</param>
internal sealed record ReportSource(string Backend, ReportChannel Channel)
{
    /// <summary>Where the agents of <paramref name="world"/> report.</summary>
    public static ReportSource Of(WorldPersistence world) => new(
        world.Spec.BackendRef.Name,
        world.Status.Stores?.ReportChannel == nameof(ReportChannel.Postgres)
            ? ReportChannel.Postgres
            : ReportChannel.Nats);

    /// <inheritdoc/>
    public override string ToString() => $"{Backend} ({Channel})";
}
