namespace Aether.TestServers.Processes;

/// <summary>Signals that tests send; the numbers are Linux's.</summary>
public enum UnixSignal
{
    /// <summary>Hang up: servers reload their configuration.</summary>
    Hangup = 1,

    /// <summary>Interrupt: PostgreSQL's fast shutdown.</summary>
    Interrupt = 2,

    /// <summary>Kill: cannot be handled.</summary>
    Kill = 9,

    /// <summary>Terminate: stop in order.</summary>
    Terminate = 15,

    /// <summary>Resume after <see cref="Stop"/>.</summary>
    Continue = 18,

    /// <summary>Stop: the process keeps its connections and answers nothing.</summary>
    Stop = 19,
}
