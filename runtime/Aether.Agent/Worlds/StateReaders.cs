using Aether.Agent.Metrics;
using Aether.Agent.Settings;
using Aether.Persistence;
using Aether.Persistence.Runtime;
using Aether.Persistence.State;

namespace Aether.Agent.Worlds;

/// <summary>
/// Limits the readers of the whole state: each holds on to a copy of its table of keys, and to all values as they
/// were, until it has read them.
/// </summary>
internal sealed class StateReaders(PersistenceRuntime runtime, AgentOptions options, AgentMetrics metrics)
{
    /// <summary>Most readers at once, if there is memory for as many.</summary>
    public const int MostReaders = 8;

    // A slot, and its place in the order in which entries are read.
    private const int BytesPerKey = 64;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private int _open;

    /// <summary>The state as of now, to be read until the reader is disposed.</summary>
    /// <exception cref="OverloadedException">There are as many readers as may be.</exception>
    public Reader Open()
    {
        var most = Most(runtime.Status.Keys);
        if (Interlocked.Increment(ref _open) > most)
        {
            Interlocked.Decrement(ref _open);
            metrics.CountEndedReader(ReaderEnd.TooMany);
            throw OverloadedException.TooManyReaders(most, Retry);
        }

        try
        {
            return new Reader(this, runtime.Capture(), metrics.TrackReader());
        }
        catch
        {
            Interlocked.Decrement(ref _open);
            throw;
        }
    }

    private int Most(long keys) =>
        (int)Math.Clamp(options.Engine.MaxStateMemoryBytes / 2 / (BytesPerKey * Math.Max(1, keys)), 1, MostReaders);

    /// <summary>One reader.</summary>
    internal sealed class Reader(StateReaders owner, StateView view, IDisposable tracked) : IDisposable
    {
        /// <summary>The state it reads.</summary>
        public StateView View => view;

        /// <summary>Waits until something has left, for as long as a reader may take for it.</summary>
        /// <exception cref="OverloadedException">It does not read.</exception>
        public async Task WaitAsync(Task write, CancellationToken cancellationToken)
        {
            if (write.IsCompletedSuccessfully)
                return;
            try
            {
                await write.WaitAsync(owner.Patience, cancellationToken);
            }
            catch (TimeoutException)
            {
                owner.CountSlow();
                throw OverloadedException.ReaderIsTooSlow(owner.Patience, Retry);
            }
        }

        public void Dispose()
        {
            tracked.Dispose();
            Interlocked.Decrement(ref owner._open);
        }
    }

    private TimeSpan Patience => options.ReaderPatience;

    private void CountSlow() => metrics.CountEndedReader(ReaderEnd.TooSlow);
}
