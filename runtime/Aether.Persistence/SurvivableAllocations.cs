namespace Aether.Persistence;

/// <summary>
/// Where the engine expects that an allocation may fail: nothing has changed then, the commit or the snapshot is
/// refused, and the world continues. Anywhere else a failed allocation may have cost a caller its answer (ADR 0023).
/// Thread-safe: what it says is about the calling thread.
/// </summary>
public static class SurvivableAllocations
{
    [ThreadStatic]
    private static int _depth;

    /// <summary>Whether the calling thread is at such a place.</summary>
    public static bool Here => _depth > 0;

    /// <summary>The calling thread is at such a place until the result is disposed of, on the same thread.</summary>
    internal static Scope Enter() => new(_depth++);

    /// <summary>Ends with <see cref="Dispose"/>.</summary>
    internal readonly ref struct Scope(int outer)
    {
        public void Dispose() => _depth = outer;
    }
}
