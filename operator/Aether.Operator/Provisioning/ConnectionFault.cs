namespace Aether.Operator.Provisioning;

/// <summary>What a failed use says about the shared connection that it ran on.</summary>
internal enum ConnectionFault
{
    /// <summary>The server answered: the connection is in order.</summary>
    None,

    /// <summary>The connection is not used again. The use is not repeated.</summary>
    Suspect,

    /// <summary>
    /// The connection was cut, or leads to a server that is no longer the right one. The use is repeated once on
    /// another, unless the connection was opened for it.
    /// </summary>
    Stale,
}
