using Aether.Persistence.V1;

namespace Aether.Client;

/// <summary>
/// How far the log was seen to be: what a commit that is sent later stands behind, if it is applied. Thread-safe.
/// </summary>
internal sealed class SeenPlace
{
    private readonly Lock _lock = new();
    private volatile LogPlace _last = new();

    /// <summary>The furthest place seen; never changed once it was handed out.</summary>
    public LogPlace Last => _last;

    /// <summary>Takes note of a place the agent has named.</summary>
    public void Saw(ulong epoch, ulong sequence)
    {
        lock (_lock)
        {
            if ((epoch, sequence).CompareTo((_last.Epoch, _last.Sequence)) > 0)
                _last = new LogPlace { Epoch = epoch, Sequence = sequence };
        }
    }
}
