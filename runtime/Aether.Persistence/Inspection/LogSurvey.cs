using Aether.Persistence.Storage;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>
/// Everything readable in a log, damaged or not: its segments, and the runs of sound blocks in them. A sound log is one
/// run. Each damage ends a run, and the next sound block begins another. Changes nothing.
/// </summary>
internal sealed class LogSurvey
{
    // An agent drops segments at most once per snapshot.
    private const int MaxAttempts = 5;

    private readonly IFileSystem _volume;
    private readonly UInt128 _world;
    private readonly List<SegmentReport> _segments = [];
    private readonly List<LogRun> _runs = [];

    private LogSurvey(IFileSystem volume, UInt128 world)
    {
        _volume = volume;
        _world = world;
    }

    public IReadOnlyList<SegmentReport> Segments => _segments;

    /// <summary>The runs, in the order of their commits.</summary>
    public IReadOnlyList<LogRun> Runs => _runs;

    /// <summary>The sound blocks from the beginning of the log on; null if there are none.</summary>
    public LogRun? FirstRun => _runs is [var first, ..] ? first : null;

    /// <summary>The sound blocks up to the end of the log; null if there are none.</summary>
    public LogRun? LastRun => _runs is [.., var last] ? last : null;

    public IReadOnlyList<LogDamage> Damages => [.. _segments.SelectMany(segment => segment.Damages)];

    /// <summary>Commits that were in no block, between two runs whose blocks follow each other.</summary>
    public IReadOnlyList<CommitGap> Gaps =>
    [
        .. _runs.Zip(_runs.Skip(1))
            .Where(pair => IsGap(pair.First.End, pair.Second.Pieces[0].Before))
            .Select(pair => new CommitGap(
                new CommitRange(pair.First.End.Last.Next, pair.Second.Pieces[0].Before.Last),
                new CommitRange(pair.Second.First, pair.Second.End.Last))),
    ];

    /// <summary>
    /// The highest commit in any sound block header, whether or not the block can be read: damage may have cost the
    /// commits up to it.
    /// </summary>
    public Sequence HighestSeen { get; private set; }

    /// <summary>The commit that the log should begin with, from the header or the name of its first segment.</summary>
    public Sequence FirstExpected { get; private set; }

    /// <summary>Whether the end of the log cannot be read, so that its last commit is unknown.</summary>
    public bool EndsInDamage { get; private set; }

    /// <summary>
    /// Surveys the log in <paramref name="folder"/>. Starts over if the agent has dropped a segment meanwhile, because
    /// its file may have been reused, which makes the bytes that were read worthless.
    /// </summary>
    public static LogSurvey Of(IFileSystem volume, string folder, UInt128 world)
    {
        for (var attempt = 1; attempt < MaxAttempts; attempt++)
        {
            try
            {
                var survey = Read(volume, folder, world);
                if (survey.Segments.All(segment => volume.Exists(segment.File)))
                    return survey;
            }
            catch (FileNotFoundException)
            {
                // Start over.
            }
        }

        return Read(volume, folder, world);
    }

    private static LogSurvey Read(IFileSystem volume, string folder, UInt128 world)
    {
        var survey = new LogSurvey(volume, world);
        var paths = survey.PathsInOrder(folder);
        LogEnd? end = null;
        if (paths is [var oldest, ..])
            survey.FirstExpected = survey.FirstOf(oldest);
        foreach (var path in paths)
            end = survey.Add(path, end, isLast: path == paths[^1]);
        return survey;
    }

    private static bool IsGap(LogEnd end, LogEnd resumed) =>
        resumed.Last > end.Last
        && resumed.Epoch == end.Epoch
        && end.Checksum is not (null or LogEnd.NoChecksum)
        && resumed.Checksum == end.Checksum;

    // Orders the segments by the first commit in their headers, so that files with swapped names are recognised.
    private string[] PathsInOrder(string folder) =>
    [
        .. _volume.List(folder)
            .Where(name => name.EndsWith(Segment.Extension, StringComparison.Ordinal))
            .Select(name => $"{folder}/{name}")
            .OrderBy(FirstOf)
            .ThenBy(path => path, StringComparer.Ordinal),
    ];

    private Sequence FirstOf(string path)
    {
        using var file = _volume.Open(path);
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        var read = file.Read(0, bytes);
        if (SegmentHeader.TryRead(bytes[..read], out var header, out _))
            return header.First;
        var name = path[(path.LastIndexOf('/') + 1)..^Segment.Extension.Length];
        return new Sequence(
            ulong.TryParse(name, CultureInfo.InvariantCulture, out var first) ? first : ulong.MaxValue);
    }

    private LogEnd? Add(string path, LogEnd? before, bool isLast)
    {
        using var file = _volume.Open(path);
        var segment = new SegmentSurvey(file, path, _world);
        var end = segment.Read(before, isLast);
        _segments.Add(segment.Report());
        foreach (var piece in segment.Pieces)
        {
            if (_runs is [.., var run] && run.End == piece.Before)
                run.Pieces.Add(piece);
            else
                _runs.Add(new LogRun(piece));
        }
        if (segment.HighestSeen > HighestSeen)
            HighestSeen = segment.HighestSeen;
        EndsInDamage = segment.EndsInDamage;
        return end;
    }
}
