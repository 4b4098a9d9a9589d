using System.CommandLine;
using Aether.Persistence.Inspection;

namespace Aether.Cli.Commands;

/// <summary>Reads every snapshot on a volume, as recovery would.</summary>
internal sealed class SnapshotVerify : IVolumeCommand
{
    public Command Define() => new("verify", "Read every snapshot, and compare its state with its digest");

    public async Task<ExitCode> RunAsync(
        Invocation invocation, ParseResult parsed, CancellationToken cancellationToken)
    {
        var inspector = new SnapshotInspector(invocation.Volume.Files, invocation.Volume.World);
        return SnapshotLs.Show(await inspector.VerifyAsync(cancellationToken), "sound", invocation);
    }
}
