namespace Aether.ControllerRuntime;

/// <summary>A cache as the host sees it: something to keep running and to ask whether it is filled.</summary>
internal interface ICacheLoop
{
    /// <summary>The plural of the cached kind.</summary>
    string Kind { get; }

    /// <summary>Whether the first list is in.</summary>
    bool HasSynced { get; }

    /// <summary>Lists and watches until cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
