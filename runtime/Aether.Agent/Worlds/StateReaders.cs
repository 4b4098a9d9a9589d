using Aether.Agent.Metrics;
using Aether.Agent.Settings;
using Aether.Persistence;
using Aether.Persistence.Runtime;
using Aether.Persistence.State;

namespace Aether.Agent.Worlds;

/// <summary>
/// Limits the readers of the whole state: until a reader has finished, it keeps a copy of the table of keys, and all
/// values of that moment, in memory.
/// </summary>
internal sealed class StateReaders(PersistenceRuntime runtime, AgentOptions options, AgentMetrics metrics)
{
    /// <summary>Most readers at once, if there is enough memory for them.</summary>
    public const int MostReaders = 8;

    // A slot, and its index in the order in which entries are read.
    private const int BytesPerKey = 64;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private int _open;

    /// <summary>The present state, to be read until the reader is disposed.</summary>
    /// <exception cref="OverloadedException">There are already as many readers as allowed.</exception>
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

        /// <summary>Waits until a write to the client has completed, up to the reader's limit.</summary>
        /// <exception cref="OverloadedException">The client does not read.</exception>
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
