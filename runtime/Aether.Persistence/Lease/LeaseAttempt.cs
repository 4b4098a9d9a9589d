using System.Diagnostics.CodeAnalysis;

namespace Aether.Persistence.Lease;

/// <summary>Outcome of one attempt to take the lease.</summary>
public sealed class LeaseAttempt
{
    private LeaseAttempt(Epoch epoch, string holder, TimeSpan remaining, DateTimeOffset? openedAt)
    {
        Epoch = epoch;
        Holder = holder;
        Remaining = remaining;
        OpenedAt = openedAt;
    }

    /// <summary>Whether this agent now holds the lease.</summary>
    [MemberNotNullWhen(true, nameof(OpenedAt))]
    public bool Acquired => OpenedAt is not null;

    /// <summary>When this agent took the lease, by the store's clock; null if another agent holds it.</summary>
    public DateTimeOffset? OpenedAt { get; }

    /// <summary>This agent's epoch if <see cref="Acquired"/>, else the holder's.</summary>
    public Epoch Epoch { get; }

    /// <summary>The present holder.</summary>
    public string Holder { get; }

    /// <summary>
    /// How long the present lease is still valid: a lower bound for the next attempt, unless the lease is released
    /// earlier.
    /// </summary>
    public TimeSpan Remaining { get; }

    /// <summary>The lease was taken under <paramref name="epoch"/>.</summary>
    public static LeaseAttempt Taken(Epoch epoch, string holder, TimeSpan timeToLive, DateTimeOffset openedAt) =>
        new(epoch, holder, timeToLive, openedAt);

    /// <summary>Another agent holds the lease.</summary>
    public static LeaseAttempt HeldBy(Epoch epoch, string holder, TimeSpan remaining) =>
        new(epoch, holder, remaining, null);
}
