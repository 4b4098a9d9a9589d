namespace Aether.Persistence;

/// <summary>The operating system refused an operation on a file of the volume.</summary>
/// <param name="operation">The operation: "open", "read", "write", "sync", "lock", ...</param>
/// <param name="file">The full path.</param>
/// <param name="errno">The error number of Linux.</param>
/// <param name="cause">The exception from .NET.</param>
public sealed class VolumeException(string operation, string file, int errno, Exception cause)
    : IOException($"Cannot {operation} '{file}': {WithoutPath(cause, file)}", cause)
{
    private const int NotPermitted = 1;
    private const int AccessDenied = 13;
    private const int TooManyFilesInSystem = 23;
    private const int TooManyFiles = 24;
    private const int FileTooLarge = 27;
    private const int NoSpace = 28;
    private const int ReadOnly = 30;
    private const int QuotaExceeded = 122;

    /// <summary>The operation that failed.</summary>
    public string Operation { get; } = operation;

    /// <summary>The full path of the file.</summary>
    public string File { get; } = file;

    /// <summary>The error number of Linux.</summary>
    public int Errno { get; } = errno;

    /// <summary>Whether the cause is how the volume is mounted or the agent is run, rather than the disk.</summary>
    public bool IsConfiguration =>
        Errno is NotPermitted or AccessDenied or TooManyFiles or TooManyFilesInSystem or ReadOnly;

    /// <summary>What to do, for a reader who finds the volume at <paramref name="directory"/>.</summary>
    public string AdviseOn(string directory) => Errno switch
    {
        NotPermitted or AccessDenied =>
            $"The agent's user lacks the permission: 'ls -ln {directory}' shows the file's owner. In Kubernetes give "
            + "the volume to the agent's group (spec.agent.fsGroup, docs/install.md).",
        TooManyFiles or TooManyFilesInSystem =>
            "Too many files are open: raise the limit ('ulimit -n', or that of the container runtime; "
            + "'sysctl fs.file-max' for the whole machine).",
        ReadOnly => $"The volume is mounted read-only: 'findmnt -T {directory}' shows how. Mount it writable; if the "
            + "kernel made it read-only after an error ('dmesg'), replace the disk.",
        FileTooLarge or NoSpace or QuotaExceeded =>
            $"The volume is full: 'df {directory}' shows how full. Make it larger than spec.wal.maxBytes, or remove "
            + "files that do not belong to the agent.",
        _ => "The disk may be failing: check the machine's kernel log ('dmesg'). Once the volume can be read, "
            + $"'aether wal verify {directory}' shows what it holds.",
    };

    // For some errors .NET appends the path to the system's message, and for others not.
    private static string WithoutPath(Exception cause, string file) =>
        cause.Message.Replace($" : '{file}'", ".", StringComparison.Ordinal);
}
