namespace Aether.Cli.Commands;

/// <summary>The exit codes, for scripts; docs/cli.md describes them.</summary>
internal enum ExitCode
{
    /// <summary>Done; no damage was found.</summary>
    Fine = 0,

    /// <summary>Damage was found; the output names it and the command that helps.</summary>
    Damaged = 1,

    /// <summary>The command line is wrong, or the folder is not a volume.</summary>
    BadUsage = 2,

    /// <summary>The command could not run: the volume is in use, or reading or writing failed.</summary>
    Failed = 3,
}
