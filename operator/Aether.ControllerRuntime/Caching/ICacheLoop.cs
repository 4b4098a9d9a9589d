namespace Aether.ControllerRuntime;

/// <summary>A cache, as seen by the host.</summary>
internal interface ICacheLoop
{
    /// <summary>The plural of the cached kind.</summary>
    string Kind { get; }

    /// <summary>Whether the first list has been read.</summary>
    bool HasSynced { get; }

    /// <summary>Lists and watches until cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
