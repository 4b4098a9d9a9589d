using System.CommandLine;
using Aether.Cli.Output;
using Aether.Persistence.Inspection;

namespace Aether.Cli.Commands;

/// <summary>Lists the diverged logs on a volume.</summary>
internal sealed class DivergedLs : IVolumeCommand
{
    public Command Define() => new("ls", "List the diverged logs, with their diverged commits");

    public Task<ExitCode> RunAsync(
        Invocation invocation, ParseResult parsed, CancellationToken cancellationToken)
    {
        var (path, files, world) = invocation.Volume;
        var diverged = new DivergedInspector(files, world).List();
        if (invocation.IsJson)
            invocation.WriteJson(new DivergedListing(path, world, diverged), CliJson.Write);
        else
            Write(diverged, invocation.Output);
        return Task.FromResult(diverged.Any(log => log.Damages.Count > 0) ? ExitCode.Damaged : ExitCode.Fine);
    }

    private static void Write(IReadOnlyList<DivergedReport> diverged, TextWriter output)
    {
        var table = new TextTable("FOLDER", "EPOCH", "DIVERGED COMMITS", "COUNT", "LAST BLOCK", "SIZE", "STATE");
        foreach (var log in diverged)
            table.Add(
                log.Folder,
                $"{log.Epoch}",
                Words.Range(log.First, log.Last),
                Words.Number(log.Commits),
                Words.Time(log.LastAt),
                Words.Number(log.Bytes),
                log.Damages.Count == 0 ? "sound" : $"{log.Damages[0].File} {Words.Damage(log.Damages)}");
        table.Write(output);
    }
}
