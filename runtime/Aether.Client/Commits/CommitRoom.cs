using System.Diagnostics.CodeAnalysis;
using Aether.Persistence.Contracts;

namespace Aether.Client;

/// <summary>Limits the bytes of commits that have no answer yet. Thread-safe.</summary>
internal sealed class CommitRoom(long limit)
{
    // A message has a few more bytes around the commit.
    private const int LargestOnWire = AetherNames.MaxMessageBytes - 1024;

    // Memory per commit and per mutation, besides their bytes.
    private const int BytesPerCommit = 512;
    private const int BytesPerMutation = 256;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private long _taken;

    /// <summary>
    /// Reserves the bytes that a commit needs; releasing the reservation frees them. Returns false, with the reason, if
    /// the limit is reached, or if the commit is too large for a message: the agent would end the stream, and with it
    /// every other commit on it.
    /// </summary>
    public bool TryReserve(
        WorldCommit commit,
        [NotNullWhen(true)] out Reservation? reservation,
        [NotNullWhen(false)] out WorldException? refusal)
    {
        reservation = null;
        refusal = null;
        var onWire = commit.BytesOnWire;
        if (onWire > LargestOnWire)
        {
            refusal = new InvalidCommitException(
                $"mutations: {onWire} bytes on the wire, must be at most {LargestOnWire}",
                "mutations", LargestOnWire, (ulong)onWire, null);
            return false;
        }

        var bytes = onWire + BytesPerCommit + ((long)BytesPerMutation * commit.Mutations);
        var taken = Volatile.Read(ref _taken);
        while (taken == 0 || taken + bytes <= limit)
        {
            var seen = Interlocked.CompareExchange(ref _taken, taken + bytes, taken);
            if (seen == taken)
            {
                reservation = new Reservation(this, onWire, bytes);
                return true;
            }

            taken = seen;
        }

        refusal = new AgentOverloadedException(
            $"Commits of {taken} bytes have no answer yet, and {bytes} more bytes would exceed "
            + $"{nameof(AetherWorldOptions.MaxUnansweredBytes)} ({limit}). Await answers before the next commit, or "
            + "raise the limit.",
            RetryAfter,
            null);
        return false;
    }

    /// <summary>The bytes reserved for one commit; freed once every holder has released them.</summary>
    internal sealed class Reservation(CommitRoom room, int onWire, long bytes)
    {
        private int _holders = 1;

        /// <summary>Size of the commit on the wire, when it is sent for the first time.</summary>
        public int BytesOnWire { get; } = onWire;

        /// <summary>Adds a holder, which must release it too.</summary>
        public Reservation AddHolder()
        {
            Interlocked.Increment(ref _holders);
            return this;
        }

        /// <summary>Releases one holder.</summary>
        public void Release()
        {
            if (Interlocked.Decrement(ref _holders) == 0)
                Interlocked.Add(ref room._taken, -bytes);
        }
    }
}
