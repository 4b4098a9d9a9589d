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

    /// <summary>Whether the lease is ours now.</summary>
    [MemberNotNullWhen(true, nameof(OpenedAt))]
    public bool Acquired => OpenedAt is not null;

    /// <summary>When we took it, by the store's clock; null if another holds it.</summary>
    public DateTimeOffset? OpenedAt { get; }

    /// <summary>Our epoch if <see cref="Acquired"/>, else the holder's.</summary>
    public Epoch Epoch { get; }

    /// <summary>Who holds the lease now.</summary>
    public string Holder { get; }

    /// <summary>How long the present lease still holds; worth waiting for before the next attempt.</summary>
    public TimeSpan Remaining { get; }

    /// <summary>The lease was taken under <paramref name="epoch"/>.</summary>
    public static LeaseAttempt Taken(Epoch epoch, string holder, TimeSpan timeToLive, DateTimeOffset openedAt) =>
        new(epoch, holder, timeToLive, openedAt);

    /// <summary>Another holds it.</summary>
    public static LeaseAttempt HeldBy(Epoch epoch, string holder, TimeSpan remaining) =>
        new(epoch, holder, remaining, null);
}
