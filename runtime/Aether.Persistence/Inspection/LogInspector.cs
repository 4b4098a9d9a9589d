using System.Text;
using Aether.Persistence.Codec;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>Shows the readable part of the log on a volume. Changes nothing.</summary>
public sealed class LogInspector
{
    private readonly IFileSystem _volume;
    private readonly LogSurvey _survey;

    /// <summary>Reads the log of <paramref name="world"/> in <paramref name="folder"/> once.</summary>
    public LogInspector(IFileSystem volume, string world, string folder = WriteAheadLog.Folder)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(folder);
        _volume = volume;
        _survey = LogSurvey.Of(volume, folder, WorldHash.Of(world));
    }

    /// <summary>Its segments, in the order of their commits.</summary>
    public IReadOnlyList<SegmentReport> Segments => _survey.Segments;

    /// <summary>Each place where the log is damaged.</summary>
    public IReadOnlyList<LogDamage> Damages => _survey.Damages;

    /// <summary>
    /// The commits from <paramref name="from"/> to <paramref name="to"/>, in order, without those that damage has made
    /// unreadable.
    /// </summary>
    public IEnumerable<LoggedCommit> ReadCommits(Sequence from, Sequence to) =>
        _survey.Runs
            .SelectMany(run => run.Read(_volume))
            .Where(found => found.Block.Last >= from && found.Block.First <= to)
            .SelectMany(found => Decode(found.Block, found.File, found.Offset))
            .Where(commit => commit.Sequence >= from && commit.Sequence <= to);

    private static List<LoggedCommit> Decode(LogBlock block, string file, long offset)
    {
        _ = BlockHeader.TryRead(block.Encoded.Span, out var header, out _);
        var commits = new List<LoggedCommit>();
        try
        {
            var changes = new List<StateChange>();
            var entries = new EntryReader(block.Encoded.Span, 0, header, changes);
            for (; entries.TryRead(out var entry); changes.Clear())
                commits.Add(new LoggedCommit
                {
                    Sequence = new Sequence(block.First.Value + (ulong)commits.Count),
                    CommittedAt = entry.CommittedAt,
                    Epoch = block.Epoch,
                    IdempotencyKey =
                        entry.KeyLength > 0 ? Encoding.UTF8.GetString(entry.KeyIn(block.Encoded.Span)) : null,
                    Changes = [.. changes.Select(change => Describe(block.Encoded.Span, change))],
                });
        }
        catch (InvalidDataException exception)
        {
            throw new WalCorruptException(file, offset, exception.Message);
        }
        return commits;
    }

    private static LoggedChange Describe(ReadOnlySpan<byte> source, StateChange change) => new(
        EncodedKey.Decode(change.KeyIn(source)),
        change.IsRemoval ? default(ReadOnlyMemory<byte>?) : change.ValueIn(source).ToArray());
}
