using System.CommandLine;

namespace Aether.Cli.Commands;

/// <summary>A command about a volume. One instance serves one run.</summary>
internal interface IVolumeCommand
{
    /// <summary>Its name, what it does, and the options of its own.</summary>
    Command Define();

    /// <summary>Does it.</summary>
    Task<ExitCode> RunAsync(Invocation invocation, ParseResult parsed, CancellationToken cancellationToken);
}
