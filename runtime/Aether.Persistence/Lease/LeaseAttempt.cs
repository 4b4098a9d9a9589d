namespace Aether.Persistence.Lease;

/// <summary>Outcome of one attempt to take the lease.</summary>
public sealed class LeaseAttempt
{
    private LeaseAttempt(Epoch epoch, string holder, TimeSpan remaining, bool acquired)
    {
        Epoch = epoch;
        Holder = holder;
        Remaining = remaining;
        Acquired = acquired;
    }

    /// <summary>Whether the lease is ours now.</summary>
    public bool Acquired { get; }

    /// <summary>Our epoch if <see cref="Acquired"/>, else the holder's.</summary>
    public Epoch Epoch { get; }

    /// <summary>Who holds the lease now.</summary>
    public string Holder { get; }

    /// <summary>How long the present lease still holds; worth waiting for before the next attempt.</summary>
    public TimeSpan Remaining { get; }

    /// <summary>The lease was taken under <paramref name="epoch"/>.</summary>
    public static LeaseAttempt Taken(Epoch epoch, string holder, TimeSpan timeToLive) =>
        new(epoch, holder, timeToLive, true);

    /// <summary>Another holds it.</summary>
    public static LeaseAttempt HeldBy(Epoch epoch, string holder, TimeSpan remaining) =>
        new(epoch, holder, remaining, false);
}
