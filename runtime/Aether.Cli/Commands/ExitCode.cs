namespace Aether.Cli.Commands;

/// <summary>What a script may decide by. docs/cli.md tells people.</summary>
internal enum ExitCode
{
    /// <summary>Done, and nothing damaged was met.</summary>
    Fine = 0,

    /// <summary>Damage was met: it is named, with the command that helps.</summary>
    Damaged = 1,

    /// <summary>The command line is wrong, or the folder is no volume.</summary>
    BadUsage = 2,

    /// <summary>It could not be done: the volume is in use, or reading or writing failed.</summary>
    Failed = 3,
}
