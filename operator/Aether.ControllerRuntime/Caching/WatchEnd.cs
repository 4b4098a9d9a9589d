namespace Aether.ControllerRuntime;

/// <summary>Why a watch ended.</summary>
internal enum WatchEnd
{
    /// <summary>The server closed the watch normally.</summary>
    Closed,

    /// <summary>The server no longer keeps the version to resume from.</summary>
    Gone,

    /// <summary>The connection or the server failed, or no more data arrived.</summary>
    Failed,
}
