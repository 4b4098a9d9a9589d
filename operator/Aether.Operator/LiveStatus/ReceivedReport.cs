using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>An agent's last report and when it was received.</summary>
/// <param name="Report">The report.</param>
/// <param name="ReceivedAt">
/// When the operator received it; for a report stored while no operator listened, when NATS received it.
/// </param>
internal sealed record ReceivedReport(AgentReport Report, DateTimeOffset ReceivedAt);
