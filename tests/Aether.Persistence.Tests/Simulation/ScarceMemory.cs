namespace Aether.Persistence.Tests.Simulation;

/// <summary>
/// Memory that runs out when a buffer of the engine grows for the n-th time. It replaces the heap of the process, which
/// cannot be made to fail at a chosen allocation.
/// </summary>
internal sealed class ScarceMemory : EngineMemory
{
    private int _growths;
    private int _first = int.MaxValue;
    private int _last = int.MaxValue;

    /// <summary>Whether a growth has failed.</summary>
    public bool Failed { get; private set; }

    /// <summary>Makes the growth with this number fail, counted from now, and some after it.</summary>
    public void Plan(int growth, int failures)
    {
        (Failed, _growths) = (false, 0);
        (_first, _last) = (growth, (int)Math.Min(int.MaxValue, (long)growth + failures - 1));
    }

    /// <summary>Makes nothing fail any more.</summary>
    public void Relieve() => _first = int.MaxValue;

    public override void BeforeGrowth()
    {
        var growth = Interlocked.Increment(ref _growths) - 1;
        if (growth < _first || growth > _last)
            return;
        Failed = true;
        // Like a failed allocation: an InsufficientMemoryException is an OutOfMemoryException, and the runtime does not
        // reserve it.
        throw new InsufficientMemoryException($"Growth {growth} was planned to fail.");
    }
}
