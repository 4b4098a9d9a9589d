namespace Aether.Persistence.Tests.Simulation;

/// <summary>
/// Memory that runs out when a buffer of the engine grows for the n-th time. It stands in for the heap of the process,
/// which cannot be made to fail at a chosen allocation.
/// </summary>
internal sealed class ScarceMemory : EngineMemory
{
    private int _growths;
    private int _first = int.MaxValue;
    private int _last = int.MaxValue;

    /// <summary>Whether a growth has failed.</summary>
    public bool Failed { get; private set; }

    /// <summary>Lets the growth with this number fail, counted from now, and some after it.</summary>
    public void Plan(int growth, int failures)
    {
        (Failed, _growths) = (false, 0);
        (_first, _last) = (growth, (int)Math.Min(int.MaxValue, (long)growth + failures - 1));
    }

    /// <summary>Lets nothing fail any more.</summary>
    public void Relieve() => _first = int.MaxValue;

    public override void BeforeGrowth()
    {
        var growth = Interlocked.Increment(ref _growths) - 1;
        if (growth < _first || growth > _last)
            return;
        Failed = true;
        // What a failed allocation throws: an InsufficientMemoryException is one, and not reserved by the runtime.
        throw new InsufficientMemoryException($"Growth {growth} was planned to fail.");
    }
}
