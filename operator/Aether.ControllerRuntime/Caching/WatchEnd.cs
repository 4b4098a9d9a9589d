namespace Aether.ControllerRuntime;

/// <summary>Why a watch ended.</summary>
internal enum WatchEnd
{
    /// <summary>The server closed it in order.</summary>
    Closed,

    /// <summary>The version to go on from is no longer kept.</summary>
    Gone,

    /// <summary>The connection or the server failed, or nothing came any more.</summary>
    Failed,
}
