namespace Aether.TestServers.Processes;

/// <summary>Describes the process that <see cref="ProcessHost"/> runs.</summary>
public sealed record ProcessSpec
{
    /// <summary>Short name, for messages and for the log files: "postgres".</summary>
    public required string Name { get; init; }

    /// <summary>Path of the executable; see <see cref="Binary.Find"/>.</summary>
    public required string FileName { get; init; }

    /// <summary>Its arguments, unquoted.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Folder in which it starts; must exist.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Folder to which its output is appended, as <c>{Name}.out.log</c> and <c>{Name}.err.log</c>.</summary>
    public required string LogDirectory { get; init; }

    /// <summary>Variables to add to its environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it inherits the environment of this process. Default: yes.</summary>
    public bool InheritEnvironment { get; init; } = true;

    /// <summary>User to run as; only root can switch. Default: the present one.</summary>
    public UnixUser? User { get; init; }
}
