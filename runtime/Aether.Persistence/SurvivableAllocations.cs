namespace Aether.Persistence;

/// <summary>
/// Marks code in which an allocation may fail without harm: nothing has changed yet, the commit or the snapshot is
/// refused, and the world continues. Anywhere else a failed allocation may have cost a caller its answer (ADR 0023).
/// Thread-safe: the mark applies to the calling thread.
/// </summary>
public static class SurvivableAllocations
{
    [ThreadStatic]
    private static int _depth;

    /// <summary>Whether the calling thread is in such code.</summary>
    public static bool Here => _depth > 0;

    /// <summary>Marks the calling thread until the result is disposed of, on the same thread.</summary>
    internal static Scope Enter() => new(_depth++);

    /// <summary>Removes the mark in <see cref="Dispose"/>.</summary>
    internal readonly ref struct Scope(int outer)
    {
        public void Dispose() => _depth = outer;
    }
}
