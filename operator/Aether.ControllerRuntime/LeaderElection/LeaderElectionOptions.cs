namespace Aether.ControllerRuntime;

/// <summary>Settings of leader election by a <c>coordination.k8s.io/v1</c> Lease.</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>The namespace of the Lease.</summary>
    public required string Namespace { get; init; }

    /// <summary>The name of the Lease.</summary>
    public required string Name { get; init; }

    /// <summary>The name of this process, unique among replicas. Default: machine name and a random suffix.</summary>
    public string Identity { get; init; } = $"{Environment.MachineName}_{Guid.NewGuid():N}";

    /// <summary>
    /// How long other replicas wait after the last renewal they saw, in whole seconds. Default: 15 s.
    /// </summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long the leader tries to renew the lease before it stops leading. It is shorter than <see
    /// cref="LeaseDuration"/>, so that the leader stops before another one starts. Default: 10 s.
    /// </summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause between attempts to acquire or renew; jittered when acquiring. Default: 2 s.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    internal void Validate()
    {
        if (LeaseDuration < TimeSpan.FromSeconds(1) || LeaseDuration.Ticks % TimeSpan.TicksPerSecond != 0)
            throw new ArgumentException($"LeaseDuration must be whole seconds, at least 1 s, but is {LeaseDuration}.");
        if (RenewDeadline >= LeaseDuration)
            throw new ArgumentException(
                $"RenewDeadline {RenewDeadline} must be shorter than LeaseDuration {LeaseDuration}.");
        if (RetryPeriod <= TimeSpan.Zero || RetryPeriod * 1.2 >= RenewDeadline)
            throw new ArgumentException(
                $"RetryPeriod {RetryPeriod} must be positive and, with a fifth of jitter, shorter than RenewDeadline "
                + $"{RenewDeadline}.");
    }
}
