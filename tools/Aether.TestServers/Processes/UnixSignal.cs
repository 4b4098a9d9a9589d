namespace Aether.TestServers.Processes;

/// <summary>Signals a test may send; the numbers are Linux's.</summary>
public enum UnixSignal
{
    /// <summary>Hang up: servers read their configuration again.</summary>
    Hangup = 1,

    /// <summary>Interrupt: PostgreSQL's fast shutdown.</summary>
    Interrupt = 2,

    /// <summary>Kill: cannot be handled.</summary>
    Kill = 9,

    /// <summary>Terminate: please stop.</summary>
    Terminate = 15,

    /// <summary>Go on after <see cref="Stop"/>.</summary>
    Continue = 18,

    /// <summary>Freeze: the process keeps its connections and answers nothing.</summary>
    Stop = 19,
}
