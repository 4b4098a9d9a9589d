using Aether.Persistence.Recovery;
using Aether.Persistence.Storage;

namespace Aether.Persistence.Inspection;

/// <summary>
/// Shows the diverged logs that a volume keeps, whose last commits are not part of its world. Changes nothing.
/// </summary>
public sealed class DivergedInspector(IFileSystem volume, string world)
{
    /// <summary>Number of diverged logs; reads none of them.</summary>
    public static int Count(IFileSystem volume) => volume.List(Divergence.Folder).Count;

    /// <summary>Each diverged log, oldest writer first.</summary>
    public IReadOnlyList<DivergedReport> List() =>
    [
        .. volume.List(Divergence.Folder)
            .Select(Describe)
            .OrderBy(report => report.Epoch)
            .ThenBy(report => report.First),
    ];

    private DivergedReport Describe(string name)
    {
        var folder = $"{Divergence.Folder}/{name}";
        if (name.Split('-') is not [var epochText, var firstText]
            || !ulong.TryParse(epochText, CultureInfo.InvariantCulture, out var epoch)
            || !ulong.TryParse(firstText, CultureInfo.InvariantCulture, out var first))
            throw new InvalidDataException(
                $"'{folder}' on the volume was not set aside by an agent. Move it elsewhere.");

        var log = new LogInspector(volume, world, folder);
        var last = log.Segments.Select(segment => segment.Last).DefaultIfEmpty().Max();
        return new DivergedReport
        {
            Folder = folder,
            Epoch = new Epoch(epoch),
            First = new Sequence(first),
            Last = last,
            Commits = last.Value + 1 - Math.Min(first, last.Value + 1),
            LastAt = log.Segments.Select(segment => segment.LastAt).Max(),
            Segments = log.Segments.Count,
            Bytes = log.Segments.Sum(segment => segment.FileBytes),
            Damages = log.Damages,
        };
    }
}
