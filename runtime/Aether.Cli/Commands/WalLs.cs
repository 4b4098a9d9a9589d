using System.CommandLine;
using Aether.Cli.Output;
using Aether.Persistence.Inspection;

namespace Aether.Cli.Commands;

/// <summary>Lists the segments of a log, damaged ones as far as they can be read.</summary>
internal sealed class WalLs : IVolumeCommand
{
    private readonly Option<string> _folder = CommandOptions.Folder();

    public Command Define() => new("ls", "List the segments of the log") { _folder };

    public Task<ExitCode> RunAsync(
        Invocation invocation, ParseResult parsed, CancellationToken cancellationToken)
    {
        var (path, files, world) = invocation.Volume;
        var folder = invocation.Volume.FolderOf(parsed.GetValue(_folder)!);
        var log = new LogInspector(files, world, folder);
        if (invocation.IsJson)
            invocation.WriteJson(new WalListing(path, world, folder, log.Segments), CliJson.Write);
        else
            Write(log.Segments, invocation.Output);
        return Task.FromResult(log.Damages.Count > 0 ? ExitCode.Damaged : ExitCode.Fine);
    }

    private static void Write(IReadOnlyList<SegmentReport> segments, TextWriter output)
    {
        var table = new TextTable(
            "SEGMENT", "COMMITS", "EPOCHS", "BLOCKS", "USED", "SIZE", "FIRST BLOCK", "LAST BLOCK", "STATE");
        foreach (var segment in segments)
            table.Add(
                segment.File,
                Words.Range(segment.First, segment.Last),
                Words.Range(segment.LowestEpoch, segment.HighestEpoch),
                Words.Number(segment.Blocks),
                Words.Number(segment.UsedBytes),
                Words.Number(segment.FileBytes),
                Words.Time(segment.FirstAt),
                Words.Time(segment.LastAt),
                Words.State(segment));
        table.Write(output);
    }
}
