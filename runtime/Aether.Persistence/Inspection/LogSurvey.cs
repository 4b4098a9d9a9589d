using Aether.Persistence.Storage;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>
/// Everything that can be read of a log, damaged or not: its segments, and the runs of sound blocks in it. A sound log
/// is one run; each damage ends one, and what is sound behind it begins the next. Changes nothing.
/// </summary>
internal sealed class LogSurvey
{
    // An agent lets go of segments at most once a snapshot.
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

    /// <summary>Its runs, in order; the commits of one come after those of the one before.</summary>
    public IReadOnlyList<LogRun> Runs => _runs;

    /// <summary>What is sound from its beginning on.</summary>
    public LogRun? FirstRun => _runs is [var first, ..] ? first : null;

    /// <summary>What is sound up to its end.</summary>
    public LogRun? LastRun => _runs is [.., var last] ? last : null;

    public IReadOnlyList<LogDamage> Damages => [.. _segments.SelectMany(segment => segment.Damages)];

    /// <summary>Commits that no block ever held, between two runs whose blocks follow each other.</summary>
    public IReadOnlyList<CommitGap> Gaps =>
    [
        .. _runs.Zip(_runs.Skip(1))
            .Where(pair => IsGap(pair.First.End, pair.Second.Pieces[0].Before))
            .Select(pair => new CommitGap(
                new CommitRange(pair.First.End.Last.Next, pair.Second.Pieces[0].Before.Last),
                new CommitRange(pair.Second.First, pair.Second.End.Last))),
    ];

    /// <summary>
    /// The highest commit that a sound header of a block names, readable or not; what damage may have cost.
    /// </summary>
    public Sequence HighestSeen { get; private set; }

    /// <summary>The commit that it begins with, by its first segment's header or name.</summary>
    public Sequence FirstExpected { get; private set; }

    /// <summary>Whether its end cannot be read, so that nobody knows how far it went.</summary>
    public bool EndsInDamage { get; private set; }

    /// <summary>
    /// Surveys the log in <paramref name="folder"/>; anew where its agent has let go of a segment meanwhile, whose file
    /// may be another by now: what was read of it says nothing.
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
                // Once more.
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

    // By the commit that the header names: files whose names were mixed up show as what they are.
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
