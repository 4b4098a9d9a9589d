using System.CommandLine;

namespace Aether.Cli.Commands;

/// <summary>A command about a volume. Each instance runs once.</summary>
internal interface IVolumeCommand
{
    /// <summary>Its name, description and own options.</summary>
    Command Define();

    /// <summary>Runs the command.</summary>
    Task<ExitCode> RunAsync(Invocation invocation, ParseResult parsed, CancellationToken cancellationToken);
}
