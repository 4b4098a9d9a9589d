using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>An agent's last report, and when it was heard.</summary>
/// <param name="Report">What it says.</param>
/// <param name="HeardAt">When it came; of one that was kept for this operator, when NATS got it.</param>
internal sealed record HeardReport(AgentReport Report, DateTimeOffset HeardAt);
