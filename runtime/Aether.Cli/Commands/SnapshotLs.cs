using System.CommandLine;
using Aether.Cli.Output;
using Aether.Persistence.Inspection;

namespace Aether.Cli.Commands;

/// <summary>Lists the snapshots on a volume.</summary>
internal sealed class SnapshotLs : IVolumeCommand
{
    public Command Define() => new("ls", "List the snapshots on the volume");

    public async Task<ExitCode> RunAsync(
        Invocation invocation, ParseResult parsed, CancellationToken cancellationToken)
    {
        var inspector = new SnapshotInspector(invocation.Volume.Files, invocation.Volume.World);
        return Show(await inspector.ListAsync(cancellationToken), "complete", invocation);
    }

    /// <summary>Prints snapshots; a snapshot without damage gets <paramref name="verdict"/> as its state.</summary>
    public static ExitCode Show(IReadOnlyList<SnapshotReport> snapshots, string verdict, Invocation invocation)
    {
        if (invocation.IsJson)
            invocation.WriteJson(
                new SnapshotListing(invocation.Volume.Path, invocation.Volume.World, snapshots),
                CliJson.Write);
        else
            Write(snapshots, verdict, invocation.Output);
        return snapshots.Any(snapshot => snapshot.Damage is not null) ? ExitCode.Damaged : ExitCode.Fine;
    }

    private static void Write(IReadOnlyList<SnapshotReport> snapshots, string verdict, TextWriter output)
    {
        var table = new TextTable("SNAPSHOT", "COMMIT", "EPOCH", "CAPTURED", "KEYS", "SIZE", "DIGEST", "STATE");
        foreach (var snapshot in snapshots)
            table.Add(
                snapshot.File,
                $"{snapshot.Manifest.Sequence}",
                $"{snapshot.Manifest.Epoch}",
                Words.Time(snapshot.Manifest.CapturedAt),
                Words.Number(snapshot.Manifest.Keys),
                Words.Number(snapshot.Bytes),
                $"{snapshot.Manifest.Digest}",
                snapshot.Damage is null ? verdict : $"damaged: {snapshot.Damage}");
        table.Write(output);
    }
}
